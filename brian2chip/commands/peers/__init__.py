"""What `verify nest` compares: one synapse of NEST and the rule of ours a file, found by scanning."""
