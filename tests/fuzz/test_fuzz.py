"""A short campaign of wrong inputs, and that the campaign itself sees what it is made to see."""

import re
import subprocess
import sys
from pathlib import Path

import fuzz_mutations
import fuzz_seeds
import numpy as np
import pytest
from fuzz_faults import FAULTS

HERE = Path(__file__).parent
#: Inputs of the short campaign; `make fuzz` takes 10,000.
INPUTS = 150


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    return fuzz_seeds.make(tmp_path_factory.mktemp("seeds"))


def campaign(script, *options):
    """Return what a campaign prints in a process of its own (its workers are forks, which threads of this one could lock up)."""
    done = subprocess.run([sys.executable, HERE / script, *options], capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout, done.stderr


def test_wrong_inputs_are_refused_with_one_sentence_or_give_a_right_result():
    code, table, errors = campaign("__main__.py", "--inputs", str(INPUTS), "--workers", "1")
    assert code == 0, table + errors
    tried, refused = map(int, re.search(r"^all +(\d+) +(\d+)", table, re.MULTILINE).groups())
    assert tried == INPUTS and 0.4 * INPUTS < refused < 0.95 * INPUTS  # most changes make an input wrong, some leave it right


def test_the_campaign_sees_faults():
    code, said, errors = campaign("fuzz_faults.py")
    assert code == 0, errors
    for (name, what), line in zip(FAULTS.items(), said.splitlines()):
        assert line.startswith(f"{name}: {what}"), line
    assert "executed: 2; beyond 1 s: 1; beyond 4 GiB: 1; failed: 8 of 8" in said and "(--only 7)" in said


def test_an_input_is_the_same_whenever_it_is_made(seeds, tmp_path):
    for name in ("net.npz", "spikes.npz", "trace_odin.npz", "data.csv"):
        made = []
        for k in range(2):
            path = tmp_path / f"{k}{Path(name).suffix}"
            path.write_bytes(seeds[name].read_bytes())
            fuzz_mutations.mutate_any(path, np.random.default_rng([1, 2]))
            made.append(path.read_bytes())
        assert made[0] == made[1] or name.endswith("npz")
        assert made[0] != seeds[name].read_bytes()
