"""Readers of recordings that tasks are made of."""
