"""tinyODIN, one step a file."""
