"""From a batch's gradient to the next weights: optimisers, broadcast weights, weights of n bits, memories of hardware."""

from brian2chip.core.weight_memory import WeightMemory

# A store holds the weights that all replicas of a network share. Its code runs between samples; `due` is 1 after every batch and 0
# between. Scalar statements come first, so `updates` counts the update that is being made.
STORE = """
w : 1
gradient : 1
accumulated : 1
m : 1
u : 1
change : 1
rate : 1 (shared)
decay : 1 (shared)
norm : 1 (shared)
updates : 1 (shared)
samples : integer (shared)
due = int(t > 0*second)*int(timestep(t, dt) % samples == 0) : 1 (shared)
"""
# Weights of n bits: w is on a grid; what the updates add to is beside it.
GRID = """real : 1
dice : 1
step : 1 (shared)
low : 1 (shared)
high : 1 (shared)
offset : 1 (shared)
kept : 1 (shared)
"""

OPTIMISERS = {
    "gradient_descent": "change = -due*rate*accumulated/norm",
    # Momentum 0.9 as PyTorch has it: m is the sum of gradients, and the step looks ahead by one more of them.
    "nesterov": """
m += due*(accumulated/norm - (1 - 0.9)*m)
change = -due*rate*(accumulated/norm + 0.9*m)
""",
    # Kingma & Ba 2015, algorithm 1 with the bias correction in the rate, as TensorFlow has it.
    "adam": """
m += due*(1 - 0.9)*(accumulated/norm - m)
u += due*(1 - 0.999)*((accumulated/norm)**2 - u)
n = updates + 1 - due
change = -due*rate*sqrt(1 - 0.999**n)/(1 - 0.9**n)*m/(sqrt(u) + 1e-8)
""",
    # The same with the small constant beside the corrected root, as the algorithm is printed and PyTorch has it.
    "adam_pytorch": """
m += due*(1 - 0.9)*(accumulated/norm - m)
u += due*(1 - 0.999)*((accumulated/norm)**2 - u)
n = updates + 1 - due
change = -due*rate/(1 - 0.9**n)*m/(sqrt(u)/sqrt(1 - 0.999**n) + 1e-8)
""",
}

APPLY = """
{w} += change - due*decay*{w}
accumulated *= 1 - due
"""

# With kept = 1 real weights are kept, and the network uses the nearest values of the grid. With kept = 0 the grid is all the memory
# there is, and every update is rounded up or down at random; dice walks a Weyl sequence from a random start.
ROUND = """
dice = (dice + due*0.6180339887498949) % 1
w = due*step*(clip(floor(real/step + 0.5*kept + (1 - kept)*dice - offset), low, high) + offset) + (1 - due)*w
real = kept*real + (1 - kept)*w
"""

#: How the weights B that broadcast the error follow the readout's weights (Methods, "learning signals"); part of the readout's store.
BROADCASTS = {
    "random": "",
    "symmetric": "B = w\n",
    "adaptive": "B += change - due*decay*B\n",
}


def update_code(optimiser: str, nbit: bool, memory: WeightMemory | None = None) -> str:
    """Return the code of a weight store: sum the sample's gradient, and after each batch take one step."""
    apply = APPLY.format(w="real") + ROUND if nbit else APPLY.format(w="w")
    if memory is not None:
        apply = "\nwanted = change - due*decay*w\n" + memory.code + "\naccumulated *= 1 - due\n"
    return "updates += due\naccumulated += gradient\n" + OPTIMISERS[optimiser] + apply
