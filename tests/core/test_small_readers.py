"""Small readers at the border: bits of an event, the head of a table, who a setting is for."""

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest

import brian2chip as bc
from brian2chip.core import provenance
from brian2chip.core.population import Population
from brian2chip.core.recordings.binning import steps_in
from brian2chip.core.recordings.event_files import from_tonic
from brian2chip.core.recordings.nmnist_files import read_nmnist
from brian2chip.core.soft_lif_config import SoftLif
from brian2chip.errors import UserError
from brian2chip.protocols.blame import condition_in_words


def test_bits_of_an_event_of_n_mnist(tmp_path):
    """Orchard et al. 2015: x, y, one bit polarity and 23 bits of microseconds, high byte first; 34 x 34 pixels."""
    (tmp_path / "a.bin").write_bytes(bytes([33, 2, 0x80 | 0x12, 0x34, 0x56]))
    assert read_nmnist(tmp_path / "a.bin")[["x", "y", "p", "t"]].tolist() == [(33, 2, 1, 0x123456)]
    (tmp_path / "b.bin").write_bytes(bytes([34, 2, 0, 0, 1]))
    with pytest.raises(UserError, match=r"event 0 is at pixel \(34, 2\); the sensor has pixels 0 to 33 a side"):
        read_nmnist(tmp_path / "b.bin")


@pytest.mark.parametrize("item", [(1,), (1, 2, 3), "ab"])
def test_recordings_are_pairs(item):
    with pytest.raises(UserError, match="recording 0 is not a pair of events and a label"):
        from_tonic([item], n_steps=2, sensor=(2, 2, 2), dt=1e-3)


@pytest.mark.parametrize("duration, steps", [(0.0, 1), (0.4, 1), (1.0, 1), (1.5, 2), (3.0, 3)])
def test_a_duration_takes_whole_steps(duration, steps):
    assert steps_in(duration, 1.0) == steps


def test_the_head_of_a_signal(tmp_path):
    for head in ("time_ms,value", "time_ms,value_V"):
        (tmp_path / "s.csv").write_text(f"{head}\n0,1\n2,3\n")
        assert bc.Signal.from_csv(tmp_path / "s.csv").values.tolist() == [1, 3]
    for head in ("time_ms,valve", "time_ms,weight", "time_ms", "value,time_ms"):
        (tmp_path / "s.csv").write_text(f"{head}\n" + 2 * (",".join("1" * len(head.split(","))) + "\n"))
        with pytest.raises(UserError, match="time_ms.*value"):
            bc.Signal.from_csv(tmp_path / "s.csv")


def test_soft_lif_units_without_noise_and_with_noise_of_one_time_constant():
    assert SoftLif(noise_hz=0.0).noise_hz == 0 and SoftLif(noise="gaussian", tau_rc=0.01, tau_syn=0.01)
    with pytest.raises(UserError, match="noise_hz of soft-LIF units was given as -1.0"):
        SoftLif(noise_hz=-1.0)
    with pytest.raises(UserError, match="with the noise 'alpha_rc' they must differ"):
        SoftLif(noise="alpha_rc", tau_rc=0.01, tau_syn=0.01)


def test_a_clone_without_git_has_no_commit(monkeypatch):
    monkeypatch.setattr(provenance.shutil, "which", lambda name: None)
    assert provenance.provenance()["git"] is None


def test_a_condition_is_named_without_its_data_and_what_is_missing():
    protocol = bc.get("protocol", "bi_poo_1998")
    said = condition_in_words(protocol, {"dt_ms": 10.0, "data_dw": 0.5, "pairs": 60, "note": np.nan}, {})
    assert said == "protocol 'bi_poo_1998', at dt_ms=10, pairs=60,"


@pytest.mark.parametrize("thing", [Population("a", "lif", 2, {}), bc.StaticSamples(np.zeros((2, 3)), np.array([0, 1]))])
def test_what_was_checked_cannot_be_changed(thing):
    with pytest.raises(FrozenInstanceError):
        thing.name = "b"


def test_a_table_of_scores_has_no_column_without_a_name(tmp_path):
    bc.compare(["stdp"], ["bi_poo_1998"]).write(tmp_path / "page")
    assert pd.read_csv(tmp_path / "page" / "scores.csv").columns[0] == "protocol"
