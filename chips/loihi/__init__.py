"""Loihi, one step a file."""
