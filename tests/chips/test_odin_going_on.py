"""Folders of ODIN and tinyODIN written between events: what they program, and what is read of them, goes on exactly as the emulator."""

from dataclasses import fields as fields_of
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from test_odin import random_trace
from test_odin_files import random_tinyodin

from brian2chip.chips.odin import emulator as odin_emulator
from brian2chip.chips.odin import events as ev
from brian2chip.chips.odin import files as odin_files
from brian2chip.chips.odin import replay as odin_replay
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.tinyodin import emulator as tinyodin_emulator
from brian2chip.chips.tinyodin import files as tinyodin_files
from brian2chip.chips.tinyodin import replay as tinyodin_replay
from brian2chip.errors import UserError

NONE = np.zeros(0, int)
CHIPS = {
    "odin": (odin_emulator, odin_files, odin_replay),
    "tinyodin": (tinyodin_emulator, tinyodin_files, tinyodin_replay),
}


@pytest.fixture(scope="module", params=CHIPS)
def chip(request):
    emulator, files, replay = CHIPS[request.param]
    with emulator.emulator() as running:
        running.run = partial(running.run, limit=20_000)  # steps after which a network that keeps itself active is given up
        yield SimpleNamespace(name=request.param, running=running, files=files, replay=replay)


def start(chip, rng):
    """Return a configuration as it comes up, and events of which some need not wait for the one before."""
    if chip.name == "odin":
        configuration, events, _ = odin_replay.given(
            {**random_trace(rng, 60), "vup_init": np.zeros(256, int), "vdn_init": np.zeros(256, int)}
        )
        return configuration, events
    configuration, _ = random_tinyodin(rng)
    events = rng.integers(0, 1024, 60)
    return configuration, np.column_stack((events, rng.random(60) < 0.5)).astype(np.int32)


def run(chip, configuration, events):
    """Return outputs but for times, which depend on when the run began, and the state afterwards."""
    try:
        out = chip.replay.outputs(chip.running, configuration, events, NONE)
    except UserError:  # a network that keeps itself active
        assume(False)
    return {name: value for name, value in out.items() if "cycle" not in name}, chip.running.contents()


def same(a, b):
    return all(np.all(np.asarray(getattr(a, f.name)) == np.asarray(getattr(b, f.name))) for f in fields_of(a))


@settings(max_examples=7, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1), after=st.integers(0, 59))
def test_a_folder_of_any_moment_goes_on_as_the_emulator(chip, tmp_path_factory, seed, after):
    configuration, events = start(chip, np.random.default_rng(seed))
    events[after, 1] = 1  # it waits until the queues are empty
    folder = tmp_path_factory.mktemp("chip")
    held = run(chip, configuration, events[:after])[1] if after else configuration
    whole, end = run(chip, configuration, events)
    expected, expected_end = run(chip, held, events[after:])
    assert same(end, expected_end)
    assert np.array_equal(whole["out_addr"][whole["out_stim_index"] >= after], expected["out_addr"])
    chip.files.write(folder, held, events[after:])
    read, stimulus = chip.files.read(folder)
    assert np.array_equal(stimulus, events[after:]) and same(read, held)
    assert same(chip.files.program(chip.files.sparse_transactions(held)), held)
    for again in (read, chip.files.program(chip.files.spi_transactions(held))):
        out, again_end = run(chip, again, stimulus)
        assert same(again_end, expected_end)
        assert all(np.array_equal(out[name], expected[name]) for name in expected)


def test_at_any_other_moment_writing_is_refused(chip):
    chip.running._started = None  # as before the first run
    with pytest.raises(UserError, match="not at rest between events"):
        chip.running.contents()
    if chip.name == "odin":
        itself = Configuration.blank(open_loop=0, propagate_unmapped_syn=1).with_neurons([0], lif=1, thr=0)
        with pytest.raises(UserError, match="still busy"):
            chip.running.run(itself, ev.checked([ev.time_reference()]))
        with pytest.raises(UserError, match="not at rest between events"):
            chip.running.contents()
        running_on = Configuration.blank(open_loop=0, burst_timeref=600).with_neurons([0], lif=0, spk_ref=3, thr=7)
        chip.running.run(running_on, ev.checked([ev.time_reference()]))
        with pytest.raises(UserError, match="burst FIFOs run on with a clock that no SPI write sets"):
            chip.running.contents()


def test_the_moments_learn(chip):
    """The comparison above is worth nothing where nothing happens."""
    if chip.name != "odin":
        return
    configuration, events = start(chip, np.random.default_rng(1))
    _, held = run(chip, configuration, events)
    assert np.any(held.synapses != configuration.synapses) and np.any(held.up) and np.any(held.down)
