"""A short campaign of wrong inputs, and that the campaign itself sees what it is made to see."""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import fuzz_mutations
import fuzz_run
import fuzz_seeds
from fuzz_targets import Target, Wrong

from brian2chip.errors import UserError

#: Inputs of the short campaign; `make fuzz` takes 10,000.
INPUTS = 150


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    return fuzz_seeds.make(tmp_path_factory.mktemp("seeds"))


def test_wrong_inputs_are_refused_with_one_sentence_or_give_a_right_result(seeds, tmp_path):
    outcomes = fuzz_run.run(list(range(INPUTS)), seeds, tmp_path, workers=1)
    assert len(outcomes) == INPUTS and not fuzz_run.failures(outcomes), fuzz_run.table(outcomes)
    refused = sum(o.what == fuzz_run.REFUSED for o in outcomes)
    assert 0.4 * INPUTS < refused < 0.95 * INPUTS  # most changes make an input wrong, some leave it right


def broken(what):
    """Return a target with a fault."""

    def feed(rng, seeds, work):
        if what == "kill":
            os.kill(os.getpid(), signal.SIGSEGV)
        if what == "slow":
            time.sleep(60)
        if what == "memory":
            np.ones(1 << 33)
        if what == "system":
            os.system("true")
        if what == "canary":
            eval(fuzz_mutations.PAYLOADS[1])
        if what == "wrong":
            raise Wrong("this")
        if what == "bare":
            raise UserError("'head'")
        raise KeyError("head")

    return Target(what, 1, feed)


FAULTS = {
    "kill": "the process ended with -11",
    "slow": "TooSlow",
    "memory": "MemoryError",
    "system": "EXECUTED",
    "canary": "EXECUTED",
    "wrong": "wrong",
    "bare": "bad sentence",
    "error": "KeyError",
}


def test_the_campaign_sees_faults(seeds, tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz_run, "SECONDS", 1)
    monkeypatch.setattr(fuzz_run, "targets", lambda seeds: [broken(what) for what in FAULTS])
    monkeypatch.setattr(fuzz_run, "target_of", lambda number, found: found[number])
    outcomes = fuzz_run.run(list(range(len(FAULTS))), seeds, tmp_path, workers=1)
    assert len(fuzz_run.failures(outcomes)) == len(FAULTS)
    for (name, what), outcome in zip(FAULTS.items(), outcomes):
        assert outcome.target == name and outcome.what.startswith(what), outcome
    text = fuzz_run.table(outcomes)
    assert "executed: 2; beyond 1 s: 1; beyond 4 GiB: 1; failed: 8 of 8" in text and "(--only 7)" in text


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
