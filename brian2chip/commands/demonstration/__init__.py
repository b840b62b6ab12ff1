"""The sections of the demonstration's page: ``section(seed) -> (Section, tables by name)``, one idea a file."""
