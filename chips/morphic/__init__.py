"""MorphIC, one step a file; what its sources do not tell is declared in ``fields``."""
