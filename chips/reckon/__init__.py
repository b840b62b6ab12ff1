"""ReckOn, one step a file."""
