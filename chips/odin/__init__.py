"""ODIN, one step a file."""
