"""Names of version 0.1.0: each still leads to what it named, and says the new name."""

import importlib
import subprocess
import sys

import pytest

from brian2chip import moved


@pytest.mark.parametrize("old", [name for name in moved.MOVED if name != "bptt"])  # bptt needs PyTorch
def test_old_modules_are_found_and_warn(old):
    sys.modules.pop(f"brian2chip.{old}", None)
    with pytest.warns(DeprecationWarning, match=f"brian2chip.{old} is now brian2chip.{moved.MOVED[old][0]}"):
        module = importlib.import_module(f"brian2chip.{old}")
    home = importlib.import_module(f"brian2chip.{moved.MOVED[old][0]}")
    defined = [name for name, value in vars(home).items() if getattr(value, "__module__", None) == home.__name__]
    assert defined and all(getattr(module, name) is getattr(home, name) for name in defined)


# What version 0.1.0's documentation and examples imported.
IMPORTS = """
from brian2chip.things import Rule, Model, Protocol
from brian2chip.learning import Samples, Task
from brian2chip.learning_settings import Neurons, Training
from brian2chip.registry import get, catalogue
from brian2chip.experiments import run, plot, fit
from brian2chip.comparison import compare
from brian2chip.spiking_network import SpikingNetwork, Population, Projection, read_npz, write_npz
from brian2chip.training import train
from brian2chip.checks import parse_value
from brian2chip.chips.translate import translate
from brian2chip.chips.float_run import float_run, Run
from brian2chip.chips.nir_io import from_nir, to_nir
from brian2chip.chips.samples_io import load_samples
from brian2chip.protocols.event_files import read_shd
from brian2chip.synapses import prepared
"""


@pytest.mark.parametrize("line", IMPORTS.strip().splitlines())
def test_what_was_documented_can_still_be_imported(line):
    with pytest.warns(DeprecationWarning) if "brian2chip.learning " not in line else pytest.MonkeyPatch.context():
        for name in [name for name in sys.modules if name.removeprefix("brian2chip.") in moved.MOVED]:
            del sys.modules[name]
        exec(line, {})  # noqa: S102  (the lines above)


def test_other_names_are_not_found():
    with pytest.raises(ModuleNotFoundError, match="brian2chip.nothing"):
        importlib.import_module("brian2chip.nothing")
    found = subprocess.run([sys.executable, "-c", "import brian2chip; brian2chip.nothing"], capture_output=True, text=True)
    assert "has no attribute 'nothing'" in found.stderr


def test_a_renamed_attribute_of_a_translation():
    from brian2chip.chips.speck import SPECK2F
    from brian2chip.core.spiking_network import Population, SpikingNetwork
    from brian2chip.translation.translation import Translation

    network = SpikingNetwork((Population("input", "input", 1),), (), 1e-3)
    translated = Translation(network, SPECK2F, parameters=(), refusals=("why",))
    with pytest.warns(DeprecationWarning, match="now Translation.refusals"):
        assert translated.refused == ("why",)
