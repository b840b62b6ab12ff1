"""The gallery of behaviours uses the parameters and stimuli that were recorded from the chip's RTL."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from brian2chip.chips.odin.behaviours import PARAMETERS, PATTERNS
from brian2chip.chips.odin.configuration import Configuration, bytes_of
from brian2chip.core import registry

ROOT = Path(__file__).parents[2]
RECORDED = {path.stem[6:]: path for path in (ROOT / "tests/golden/odin").glob("izh_[A-T]_*.npz")}


def test_all_twenty_are_there():
    assert set(PARAMETERS) == set(PATTERNS) == set(RECORDED) and len(PARAMETERS) == 20
    assert registry.get("model", "odin_izhikevich:class2").parameters["class2_en"] == 1


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_and_stimulus_are_the_recorded_ones(name):
    trace = np.load(RECORDED[name])
    gallery = runpy.run_path(str(ROOT / "examples/odin_behaviours.py"))
    word = bytes_of(Configuration.blank().with_neurons([10], lif=0, **PARAMETERS[name]).words)[10]
    np.testing.assert_array_equal(word, trace["neur_init"][10])
    np.testing.assert_array_equal(gallery["stimulus"](PATTERNS[name])[0], trace["stim_addr"])
    np.testing.assert_array_equal(PATTERNS[name], trace["pattern"])
