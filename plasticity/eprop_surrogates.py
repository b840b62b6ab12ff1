"""Pseudo-derivatives: what stands for the derivative of the spike with respect to the membrane potential in gradient learning."""

# Of v - A in units of `width`, with height `gamma`; expressions of a neuron's v and threshold A.
PSEUDO_DERIVATIVES = {
    "piecewise_linear": "gamma*clip(1 - abs(v - A)/width, 0, 1)",
    "exponential": "gamma*exp(-abs(v - A)/width)",
    "fast_sigmoid": "gamma*(1 + abs(v - A)/width)**(-2)",
    "arctan": "gamma/(1 + ((v - A)/width)**2)",
}
