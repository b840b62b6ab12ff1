"""SDSP of the ODIN chip: 3-bit weights, up and down flags from membrane and calcium of the postsynaptic neuron, bistability."""

#: Change of a weight code w (0 to 7) at a presynaptic event.
STEP = "up_post * int(w < 7) * (1 - down_post * int(w == 0)) - (1 - up_post) * down_post * int(w > 0)"
#: Change of a weight code at a bistability event.
DRIFT = "int(w >= 4) * int(w < 7) - int(w < 4) * int(w > 0)"
