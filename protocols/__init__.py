"""Published experiments and learning tasks, each with its data beside it."""
