"""Training in the loop: forward on a chip as it is, backward with the constants that it should have."""
