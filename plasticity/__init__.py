"""Plastic synapses as Brian2 equations, one rule per file."""
