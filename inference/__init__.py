"""Posteriors: what published data say of a rule's parameters, by simulation, with the checks that tell whether to believe it."""
