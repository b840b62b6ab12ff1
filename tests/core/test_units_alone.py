"""Brian2's units loaded without the rest of it, here with a small module in their place; the real one: ``tests/test_installation.py``."""

import importlib.machinery
import importlib.util
import sys

import pytest

from brian2chip.core import units


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A function that loads a module of this text as the units, and returns what stands for SymPy then."""

    def load(text, name="brian2chip_test_units"):
        (tmp_path / "brian2chip_test_units.py").write_text(text)
        spec = importlib.machinery.ModuleSpec("brian2", loader=object(), is_package=True)
        spec.submodule_search_locations = [str(tmp_path)]
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
        monkeypatch.setattr(units, "UNITS", name)
        monkeypatch.delitem(sys.modules, "sympy", raising=False)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        units._load_alone()

    yield load
    sys.modules.pop("brian2chip_test_units", None)


def test_units_see_a_stand_in_for_sympy_that_is_gone_afterwards(alone):
    alone("import sympy\nfound = sympy.latex(3)")
    assert sys.modules["brian2chip_test_units"].found == "3" and "sympy" not in sys.modules


def test_units_that_are_made_otherwise_leave_nothing(alone):
    with pytest.raises(AttributeError):
        alone("import sympy\nfound = sympy.Symbol")
    assert not {"brian2chip_test_units", "sympy"} & set(sys.modules)
    alone("found = 1", name="brian2chip_no_such_units")
    assert not {"brian2chip_no_such_units", "sympy"} & set(sys.modules)
