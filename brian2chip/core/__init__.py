"""Definitions, registry, parameters, output folders, provenance, readers."""
