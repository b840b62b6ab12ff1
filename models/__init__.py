"""Neurons as Brian2 equations, one family per file."""
