"""Small borders: what is imported late, whose a file is, what an array is called, where a summary comes from."""

import os

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.core import html, ownership, registry
from brian2chip.core.checked_arrays import whole_numbers
from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.later import _Later
from brian2chip.core.units import ms
from brian2chip.errors import UserError


@pytest.mark.parametrize("name", ["__file__", "__path__", "__wrapped__"])
def test_what_python_asks_of_modules_imports_nothing(name):
    with pytest.raises(AttributeError, match=name):
        getattr(_Later("no_such_module"), name)
    with pytest.raises(ModuleNotFoundError):
        _ = _Later("no_such_module").__version__


def test_a_file_of_another_user_is_not_mine(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("x")
    found = (tmp_path / "a").stat()
    assert ownership.is_mine(found)
    monkeypatch.setattr(os, "geteuid", lambda: found.st_uid + 1)
    assert not ownership.is_mine(found)


def test_arrays_are_called_by_what_they_hold():
    with pytest.raises(UserError, match=r"holds datetime64\[D\]"):
        whole_numbers(np.array(["2020-01-01"], "datetime64[D]"), "n", "here", low=0, high=9)


def test_a_table_is_shown_without_its_index():
    import pandas as pd

    shown = html.result("scores", pd.DataFrame({"score": [0.5]}))
    assert "<th></th>" not in shown and "<th>0</th>" not in shown and "0.5" in shown


def test_the_first_write_and_read_of_a_chip_are_the_default():
    chip = ChipInstance(registry.get("substrate", "pcm"), number=1, seed=2)
    first, again, later = chip.draws("a"), chip.draws("a", write=0, read=0), chip.draws("a", write=1)
    one, two, three = (draws.write.random() for draws in (first, again, later))
    assert one == two != three


def test_a_summary_is_the_first_line_of_a_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        '"""First line.\n\nMore of it.\n"""\nfrom brian2chip import Rule\n\nMINE = Rule(name="mine", source="here", model="w : 1")\n'
    )
    ((kind, name, variable, summary),) = registry._read(path)
    assert (kind, name, variable, summary) == ("rule", "mine", "MINE", "First line.")


def test_a_delay_of_no_pathway_is_refused():
    with pytest.raises(UserError, match="no pathway of rule 'mine', for a delay, called 'slow'"):
        bc.Rule(name="mine", source="a test", model="w : 1", on_pre="w += 1", initial={"w": 0.0}, delay={"slow": 1 * ms})
