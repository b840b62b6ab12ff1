"""The efficiency of spiking networks: the ten published values, a network counted by hand, and numbers that do not go together."""

import pandas as pd
import pytest

from brian2chip.analysis.spiking_efficiency import efficiency
from brian2chip.cli import main
from brian2chip.errors import UserError
from brian2chip.learning.conversion import verify
from brian2chip.learning.conversion.published import efficiencies, table


def test_the_ten_published_values_come_out():
    found = efficiencies()
    assert len(found) == 10
    assert (found.efficiency - found.recomputed).abs().max() < 0.01  # published with two digits
    assert table("errors").dataset.tolist() == ["MNIST", "SVHN", "CIFAR-10", "CIFAR-100", "ILSVRC-2012"]


def test_a_network_counted_by_hand():
    # 3 inputs, 4 neurons at 10 Hz, 2 outputs: 12 + 8 synapses
    found = efficiency([12, 8], [4], [10.0], 0.1, dt=1e-3)
    assert found.flops == 2 * 20 + 4
    assert found.events_per_s == 80 and found.updates_per_s == 4000
    assert found.ratio == pytest.approx(44 / (24 + (0.08 * 80 + 0.25 * 4000) * 0.1))
    assert efficiency([12, 8], [4], [10.0], 0.1, dt=2e-3).updates_per_s == 2000


def test_numbers_that_do_not_go_together_are_one_sentence():
    with pytest.raises(UserError, match="hidden layers are one fewer"):
        efficiency([12, 8], [4, 4], [10.0], 0.1)
    for synapses, neurons, rates in (([12, 8], [4], [-0.5]), ([12, -1], [4], [1.0]), ([-1, 8], [4], [1.0]), ([12, 8], [-1], [1.0])):
        with pytest.raises(UserError, match="not negative"):
            efficiency(synapses, neurons, rates, 0.1)
    for t_p, dt in ((0.0, 1e-3), (-0.1, 1e-3), (0.1, 0.0), (0.1, -1e-3)):
        with pytest.raises(UserError, match="positive"):
            efficiency([12, 8], [4], [1.0], t_p, dt)


def test_silent_neurons_cost_their_updates_and_no_events():
    found = efficiency([12, 8], [4], [0.0], 0.1)
    assert found.events_per_s == 0 and found.ratio == pytest.approx(44 / (24 + 0.25 * 4000 * 0.1))


@pytest.mark.parametrize("difference, code, said", [(9e-10, 0, "\nall within tolerance"), (1.1e-9, 1, "\nnot all within tolerance")])
def test_verify_prints_tables_and_efficiencies(difference, code, said, capsys, monkeypatch):
    found = pd.DataFrame([{"what": "output", "values": 17, "difference": difference}])  # the tables: tests/models/test_soft_lif.py
    monkeypatch.setattr(verify, "differences", lambda device: found)
    assert main(["verify", "soft_lif"]) == code
    printed = capsys.readouterr().out
    assert "14.4165" in printed and said in printed
    assert main(["verify", "soft_lif", "--rate", "1"]) == 2
