"""Recordings of events in continuous time, from files and data sets, and the samples in steps that tasks are made of."""
