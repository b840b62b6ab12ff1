"""Plasticity rules and spiking neurons as Brian2 equations: protocols, comparison, training, and digital chips bit for bit.

Names are loaded when first used, so that importing the package costs nothing and changes nothing in Brian2.
"""

import importlib

_HOME = {
    "Model": "things",
    "Rule": "things",
    "Protocol": "things",
    "UserError": "errors",
    "run": "experiments",
    "plot": "experiments",
    "fit": "experiments",
    "compare": "comparison",
    "get": "registry",
    "catalogue": "registry",
    "session": "engine",
    "train": "training",
    "SpikingNetwork": "spiking_network",
    "translate": "chips.translate",
}

__all__ = list(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(f"brian2chip.{_HOME[name]}"), name)
    raise AttributeError(f"module 'brian2chip' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
