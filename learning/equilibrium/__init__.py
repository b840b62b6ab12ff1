"""Networks that learn by equilibrium propagation."""
