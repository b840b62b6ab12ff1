"""Headline figures of the systems this package is about, a file each, and how each compares with what is computed or measured here."""
