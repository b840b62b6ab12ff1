"""Plasticity rules and spiking neurons as Brian2 equations: protocols, comparison, training, and digital chips bit for bit.

Names are loaded when first used, so that importing the package costs nothing and changes nothing in Brian2.
"""

import importlib
from pathlib import Path

from brian2chip import moved
from brian2chip.core import import_in_threads

__version__ = "0.1.0"

# In a clone the folders stand beside this one; in a wheel they are inside it.
_ROOT = Path(__file__).resolve().parent.parent
if not (Path(__file__).parent / "models").is_dir() and (_ROOT / "models" / "__init__.py").is_file():
    __path__.append(str(_ROOT))

moved.install()
import_in_threads.install()

_HOME = {
    "Chip": "chips.chip",
    "CurrentPulse": "core.drives",
    "EquilibriumRule": "core.equilibrium_rule",
    "LayeredRule": "core.layered_rule",
    "LayeredTask": "core.layered_task",
    "LearningRule": "core.learning_rule",
    "Model": "core.model",
    "PrescribedSpike": "core.drives",
    "Protocol": "core.protocol",
    "Rule": "core.rule",
    "Samples": "core.samples",
    "Signal": "core.signal",
    "SoftLif": "core.soft_lif_config",
    "SpikingNetwork": "core.spiking_network",
    "StaticSamples": "core.static_samples",
    "Substrate": "core.substrate",
    "Task": "core.task",
    "UserError": "errors",
    "VoltageStep": "core.drives",
    "atlas": "protocols.atlas",
    "catalogue": "core.registry",
    "compare": "protocols.compare",
    "convert": "learning.conversion.convert",
    "diagnose": "translation.diagnose",
    "fit": "protocols.fit",
    "fit_gated_synapse": "plasticity.gated_synapse_fit",
    "get": "core.registry",
    "model": "core.resolve",
    "plot": "protocols.run",
    "plot_robustness": "translation.robustness",
    "plot_sweep": "sweeps.plot",
    "plot_traces": "protocols.recording",
    "posterior": "inference.posterior",
    "read_sweep": "sweeps.results",
    "robustness": "translation.robustness",
    "rule": "core.resolve",
    "run": "protocols.run",
    "run_sets": "protocols.run_sets",
    "session": "engine.session",
    "substrate": "core.resolve",
    "sweep": "sweeps.sweep",
    "traces": "protocols.recording",
    "train": "learning.train",
    "translate": "translation.translate",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(f"brian2chip.{_HOME[name]}"), name)
    if name in moved.MOVED:
        return importlib.import_module(f"brian2chip.{name}")
    raise AttributeError(f"module 'brian2chip' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
