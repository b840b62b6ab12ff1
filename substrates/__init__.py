"""Imperfect hardware as random maps: what a chip makes of ideal numbers."""
