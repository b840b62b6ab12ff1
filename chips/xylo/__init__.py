"""Xylo, one step a file."""
