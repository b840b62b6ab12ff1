"""A network on every chip: who holds it, what it takes there, and that unknown energies stay empty."""

import numpy as np
import pandas as pd
import pytest

from brian2chip import cli
from brian2chip.core.population import Population, Projection
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation.energy import energy_table
from brian2chip.translation.spike_files import save_samples


@pytest.fixture(scope="module")
def given():
    rng = np.random.default_rng(1)
    neurons = {"tau_m": 0.02, "v_threshold": 1.0, "reset": "subtract"}
    network = SpikingNetwork(
        (Population("input", "input", 4, {}), Population("rec", "lif", 3, neurons), Population("out", "li", 2, {"tau_m": 0.02})),
        (Projection("input", "rec", rng.uniform(0.5, 1, (4, 3))), Projection("rec", "out", rng.uniform(0.5, 1, (3, 2)))),
        dt=1e-3,
    )
    return network, Samples.from_dense(rng.random((2, 20, 4)) < 0.2, np.ones(20, bool), label=np.array([0, 1]))


def test_reckon_holds_it_and_the_toll_is_counted(given):
    network, samples = given
    table = energy_table(network, samples, ["reckon", "loihi", "spinnaker2"]).set_index("chip")
    row = table.loc["reckon"]
    assert row.holds and row.run == "emulated" and row.neuron_updates == 5 * 20
    assert row.input_spikes == len(samples.i) / 2
    assert row.synaptic_operations == row.input_spikes * 3 + row.spikes * 2
    # 5.3 pJ: the published figure that the chip's description quotes
    assert row.operations_J == pytest.approx(5.3e-12 * row.synaptic_operations)
    assert not table.loc["spinnaker2"].holds and "listed" in table.loc["spinnaker2"].why_not
    assert "operations_J" in table and pd.isna(table.loc["loihi"].operations_J)


def test_the_command_writes_tables_and_says_what_they_stand_on(given, tmp_path, capsys):
    network, samples = given
    network.save(tmp_path / "net.npz")
    save_samples(samples, tmp_path / "samples.npz")
    out = tmp_path / "energy"
    what = [str(tmp_path / "net.npz"), "--test", str(tmp_path / "samples.npz"), "--chips", "reckon", "--rules", "stdp", "--out", str(out)]
    assert cli.main(["energy", *what]) == 0
    assert "published figure" in capsys.readouterr().out
    assert {"energy.csv", "hops.csv", "rules.csv", "energy.png"} <= {p.name for p in out.iterdir()}


def test_no_samples_are_refused(given):
    network, samples = given
    with pytest.raises(UserError, match="no samples"):
        energy_table(network, samples.take([]), ["reckon"])
