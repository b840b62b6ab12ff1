"""Layered networks of rate units that learn static samples: backpropagation and its relatives without weight transport."""
