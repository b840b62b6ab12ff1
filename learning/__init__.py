"""Networks that learn: from a task and a configuration to a trained network."""
