"""Learning tasks, one a file."""
