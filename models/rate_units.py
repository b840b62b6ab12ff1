"""Rate units of layered networks: the output of a unit as a function of its drive, and the slope that multiplies backward signals."""

from __future__ import annotations

#: ``y`` from the drive ``z``, and the derivative of ``y`` by ``z``.
ACTIVATIONS = {
    "tanh": "y = tanh(z)\nslope = 1 - y**2",
    "hard_tanh": "y = clip(z, -1, 1)\nslope = int(z >= -1)*int(z <= 1)",
    "sigmoid": "y = 1/(1 + exp(-z))\nslope = y*(1 - y)",
    "linear": "y = z\nslope = 1",
}
