"""Sweeps: protocols, fits, trainings, translations and chips over many points, in one table that any interruption leaves whole."""
