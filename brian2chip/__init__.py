"""Plasticity rules and spiking neurons as Brian2 equations: protocols, comparison, training, and digital chips bit for bit.

Names are loaded when first used, so that importing the package costs nothing and changes nothing in Brian2.
"""

import importlib
from pathlib import Path

# In a clone the folders stand beside this one; in a wheel they are inside it.
_ROOT = Path(__file__).resolve().parent.parent
if not (Path(__file__).parent / "models").is_dir() and (_ROOT / "models" / "__init__.py").is_file():
    __path__.append(str(_ROOT))

_HOME = {
    "Model": "core.model",
    "Rule": "core.rule",
    "Protocol": "core.protocol",
    "UserError": "errors",
    "run": "protocols.run",
    "plot": "protocols.run",
    "fit": "protocols.run",
    "compare": "protocols.compare",
    "get": "core.registry",
    "catalogue": "core.registry",
    "session": "engine.session",
    "train": "learning.train",
    "SpikingNetwork": "core.spiking_network",
    "translate": "translation.translate",
}

__all__ = list(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(f"brian2chip.{_HOME[name]}"), name)
    raise AttributeError(f"module 'brian2chip' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
