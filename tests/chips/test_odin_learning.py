"""ODIN's SDSP in the protocols: against its event-by-event oracle, and what the chip's windows do."""

from dataclasses import replace

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.chips.odin.learning import ODIN_SDSP
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.paired_synapses import prepared

DT = 1e-4


def random_trains(n=40, duration=0.6, seed=4):
    """Presynaptic spikes on even, postsynaptic on odd steps, so that no two events of one synapse coincide."""
    rng = np.random.default_rng(seed)
    steps = int(duration / DT / 2)
    trains = []
    for rate in np.linspace(10, 250, n):
        pre = np.flatnonzero(rng.random(steps) < 80 * 2 * DT) * 2
        post = np.flatnonzero(rng.random(steps) < rate * 2 * DT) * 2 + 1
        post = post[np.r_[True, np.diff(post) > 40]] if len(post) else post
        # a last presynaptic spike, so that the oracle sees the same time references and bistability events as the network
        trains.append((np.r_[pre[pre < 5970], 5980] * DT, post[(post > 40) & (post < 5970)] * DT))
    return trains


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
def test_random_trains_agree_with_the_oracle(device):
    stimuli = random_trains()
    rule = replace(ODIN_SDSP, weight="w", initial={"w": [0, 3, 4, 7]})
    with prepared(rule, stimuli, duration=0.5985, dt=DT, device=device) as (evaluate, _):
        table = evaluate()
    parameters = {name: si(value) for name, value in rule.parameters.items()}
    expected = [rule.oracle(*stimuli[row.stimulus], parameters, {"w": row.w_start})["w"] for row in table.itertuples()]
    np.testing.assert_array_equal(table["w_end"], expected)
    assert np.mean(table["w_end"] == table["w_start"]) < 0.7  # not an idle test


def test_windows_of_calcium_order_the_peaks():
    """LTD needs calcium below theta2, LTP allows more: its peak lies at higher rates; at the highest calcium stops LTD."""
    table = bc.run("brader_2007", rule="odin_sdsp", replicas=200)
    ltd, ltp = (table["rate_hz"][table[name].idxmax()] for name in ("p_ltd", "p_ltp"))
    assert ltd < ltp
    assert table["p_ltd"].iloc[-1] < 0.2 * table["p_ltd"].max()
