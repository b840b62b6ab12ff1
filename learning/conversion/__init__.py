"""Trained rate networks as spiking networks: soft-LIF units become LIF neurons with alpha synapses."""
