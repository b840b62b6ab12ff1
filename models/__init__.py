"""Neurons as Brian2 equations, one family a file."""
