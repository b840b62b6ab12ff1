"""Pure functions from arrays and tables to numbers, figures and reports."""
