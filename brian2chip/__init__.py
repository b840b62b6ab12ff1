"""Plasticity rules and spiking neurons as Brian2 equations: protocols, comparison, training, and digital chips bit for bit."""
