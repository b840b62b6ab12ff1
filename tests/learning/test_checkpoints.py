"""Checkpoints from outside: only the state of this very training is taken, and anything else is one sentence."""

import json

import numpy as np
import pytest

from brian2chip.core.npz import read_npz, write_npz
from brian2chip.errors import UserError
from brian2chip.learning import checkpoint
from brian2chip.learning.checkpoint import FORMAT

STAMP, SHAPES, COLUMNS = {"task": "tiny", "seed": 1}, {"w_in.w": (6,), "w_out.B": (4,)}, ("update", "loss")


def saved(path, change=lambda head, arrays: None):
    state = {**{name: np.zeros(shape) for name, shape in SHAPES.items()}, "updates": 1.0}
    checkpoint.save(path, STAMP, state, [{"update": 1, "loss": 0.5, "error": float("nan")}])
    head, arrays = read_npz(path, FORMAT, "checkpoint")
    change(head, arrays)
    return write_npz(path, {"head": np.array(json.dumps(head)), **arrays})


def test_what_is_saved_comes_back(tmp_path):
    state, rows = checkpoint.load(saved(tmp_path / "checkpoint.npz"), STAMP, SHAPES, COLUMNS)
    assert {name: np.shape(value) for name, value in state.items()} == {**SHAPES, "updates": ()} and state["updates"] == 1.0
    assert (rows[0]["update"], rows[0]["loss"]) == (1, 0.5) and np.isnan(rows[0]["error"])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda h, a: h["stamp"].update(seed=2), "belongs to seed 2, not to 1"),
        (lambda h, a: h.pop("stamp"), "'stamp' is a required property"),
        (lambda h, a: h.update(rows=3), "at rows"),
        (lambda h, a: h["rows"][0].pop("loss"), "row 0 of the history"),
        (lambda h, a: h["rows"][0].update(loss="low"), "lacks the number 'loss'"),
        (lambda h, a: a.pop("state.w_in.w"), "other arrays than this training (w_in.w)"),
        (lambda h, a: a.pop("state.updates"), "other arrays than this training (updates)"),
        (lambda h, a: a.update({"state.w_rec.w": np.zeros(3)}), "other arrays than this training (w_rec.w)"),
        (lambda h, a: a.update({"state.w_in.w": np.zeros(7)}), "w_in.w of the checkpoint"),
        (lambda h, a: a.update({"state.w_in.w": np.zeros((2, 3))}), "it must be (6)"),
        (lambda h, a: a.update({"state.w_in.w": np.full(6, np.nan)}), "not finite"),
        (lambda h, a: a.update({"state.w_in.w": np.array(["a"] * 6)}), "texts"),
        (lambda h, a: a.update({"state.w_in.w": np.zeros(6, bool)}), "truth values"),
        (lambda h, a: a.update({"state.updates": np.array([1.0, 2.0])}), "it must be one number"),
    ],
)
def test_what_is_refused(tmp_path, change, word):
    with pytest.raises(UserError) as error:
        checkpoint.load(saved(tmp_path / "checkpoint.npz", change), STAMP, SHAPES, COLUMNS)
    text = str(error.value)
    assert "checkpoint.npz" in text and word in text, text


def test_a_link_out_of_the_folder_of_a_training_is_not_followed(tmp_path):
    saved(tmp_path / "checkpoint.npz")
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "checkpoint.npz").symlink_to(tmp_path / "checkpoint.npz")
    with pytest.raises(UserError, match="leads out of the folder"):
        checkpoint.load(tmp_path / "training" / "checkpoint.npz", STAMP, SHAPES, COLUMNS)
