"""Functions for Brian2 strings: fixed point, shift registers, scans, tables, stopping, links."""
