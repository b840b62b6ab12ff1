"""From a network to a chip, one step a file."""
