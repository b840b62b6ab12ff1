"""Earlier module names: still importable, with a warning that gives the new name."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import warnings

#: Old module to the modules that now hold its names.
MOVED = {
    "bptt": ("learning.bptt",),
    "checkpoint": ("learning.checkpoint",),
    "checks": ("core.parameters", "core.quantities"),
    "comparison": ("protocols.compare",),
    "devices": ("engine.devices",),
    "experiments": ("protocols.run", "protocols.fit"),
    "genn": ("engine.genn",),
    "learning_settings": ("core.network_config", "core.training_config"),
    "registry": ("core.registry",),
    "results": ("core.output", "core.provenance"),
    "spiking_network": ("core.spiking_network", "core.npz"),
    "synapses": ("protocols.paired_synapses", "protocols.network_objects", "protocols.efficacy"),
    "things": ("core.model", "core.rule", "core.protocol", "chips.field"),
    "training": ("learning.train",),
    "chips.behaviour": ("translation.evaluate",),
    "chips.bits": ("translation.bit_width",),
    "chips.export": ("translation.folder",),
    "chips.fields": ("chips.codec", "chips.field"),
    "chips.float_run": ("translation.reference_simulator", "core.network_run"),
    "chips.nir_io": ("translation.nir_read", "translation.nir_write"),
    "chips.repair": ("translation.fine_tuning",),
    "chips.report": ("translation.report",),
    "chips.samples_io": ("translation.spike_files",),
    "chips.translate": ("translation.translate",),
    "models.cochlea": ("tasks.cochlea",),
    "models.sources": ("protocols.spike_trains",),
    "protocols.event_files": ("core.recordings.event_files",),
    "protocols.evidence_accumulation": ("tasks.evidence_accumulation",),
    "protocols.pattern_generation": ("tasks.pattern_generation",),
    "protocols.spoken_digits": ("tasks.spoken_digits",),
    "protocols.store_recall": ("tasks.store_recall",),
    "tasks.readers.event_files": ("core.recordings.event_files",),
    "tasks.readers.nmnist_files": ("core.recordings.nmnist_files",),
}
#: Old names of what these modules define, and the new ones.
RENAMED = {
    "Neurons": "NetworkConfig",
    "Training": "TrainingConfig",
    "Run": "NetworkRun",
    "Study": "BitWidthStudy",
    "Exported": "Contents",
}


class MovedModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finder for the old names; Python asks it last, so it costs nothing if none is used."""

    def find_spec(self, fullname, path=None, target=None):
        """Return a spec for an old module, None for any other."""
        package, _, name = fullname.partition(".")
        return importlib.machinery.ModuleSpec(fullname, self) if package == "brian2chip" and name in MOVED else None

    def exec_module(self, module):
        """Fill the old module with the contents of its successors."""
        homes = MOVED[module.__name__.partition(".")[2]]
        warnings.warn(
            f"{module.__name__} is now {' and '.join(f'brian2chip.{home}' for home in homes)}; import from there.",
            DeprecationWarning,
            stacklevel=2,
        )
        for home in homes:
            names = vars(importlib.import_module(f"brian2chip.{home}"))
            vars(module).update({name: value for name, value in names.items() if not name.startswith("__")})
        for old, new in RENAMED.items():
            if new in vars(module):
                setattr(module, old, vars(module)[new])


def install() -> None:
    """Let Python find the old names when everything else has failed."""
    if not any(isinstance(finder, MovedModules) for finder in sys.meta_path):
        sys.meta_path.append(MovedModules())
