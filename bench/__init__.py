"""A translated folder at the bench: program the chip, read back, play the stimulus, compare with what was expected."""
