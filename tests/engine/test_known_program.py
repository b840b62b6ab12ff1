"""A program is found by what it is built from: never when anything of it changed, always when only what is given at a start did."""

import os
import subprocess
import sys
from dataclasses import replace

import brian2
import numpy as np
import pytest
from brian2 import Hz, Network, NeuronGroup, ms, second

from brian2chip.core import identity as identities
from brian2chip.core import kept_files
from brian2chip.core.rule import Rule
from brian2chip.engine import compiler, known_program, program_cache, recipe
from brian2chip.engine.session import session
from brian2chip.protocols import paired_synapses

pytestmark = pytest.mark.skipif(compiler.compiler() is None, reason="needs make and a compiler")

RULE = Rule(
    name="mine", source="a test", model="w : 1\ndx/dt = -x/tau : 1 (event-driven)", on_pre="x += 1\nw += A", on_post="w += x",
    parameters={"tau": 10 * ms, "A": 0.5, "every": 20 * ms}, regular=(("w *= 0.5", "every"),), delay=1 * ms, initial={"w": 1.0},
)  # fmt: skip
STIMULI = [(np.array([0.01]), np.array([0.02]))]


@pytest.fixture
def generated(kept):
    """Return a function that generates the program of a rule and returns (identity, name in the cache, recipe); none is compiled."""

    def generate(rule=RULE, stimuli=STIMULI, duration=0.1, dt=1e-4, **how):
        kept.clear()
        with paired_synapses.prepared(rule, stimuli, duration=duration, dt=dt, device="cpp_standalone", **how) as (evaluate, _):
            with pytest.raises(FileNotFoundError):  # nothing ran
                evaluate()
        return kept[0]

    return generate


CHANGED = {
    "code at a presynaptic spike": {"rule": replace(RULE, on_pre="x += 1\nw += 2*A")},
    "code at a postsynaptic spike": {"rule": replace(RULE, on_post="w -= x")},
    "an equation": {"rule": replace(RULE, model="w : 1\ndx/dt = -2*x/tau : 1 (event-driven)")},
    "a variable more": {"rule": replace(RULE, model="w : 1\ny : 1\ndx/dt = -x/tau : 1 (event-driven)")},
    "the unit of a parameter": {
        "rule": replace(RULE, model=RULE.model.replace("/tau", "*tau"), parameters={**RULE.parameters, "tau": 100 * Hz})
    },
    "the period of code": {"rule": replace(RULE, parameters={**RULE.parameters, "every": 10 * ms})},
    "the delay": {"rule": replace(RULE, delay=2 * ms)},
    "the starts given": {"rule": replace(RULE, initial={"w": 1.0, "x": 0.0})},
    "the neuron": {"rule": replace(RULE, post="lif", delay=None)},
    "more synapses": {"stimuli": STIMULI * 200},
    "progress": {"progress": lambda fraction: None},
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGED)
def test_what_changes_the_source_changes_the_identity(what, generated):
    (name, program, _), (other, changed, _) = generated(), generated(**CHANGED[what])
    assert name != other and program != changed


#: What stands beside the source: the same program, started with other constant arrays or numbers.
BESIDE = {
    "spike times": {"stimuli": [(np.array([0.012]), np.array([0.02]))]},
    "which synapse spikes": {"stimuli": [(np.array([]), np.array([0.02])), (np.array([0.01]), np.array([]))]},
    "the step": {"dt": 5e-5},
}


@pytest.mark.parametrize("what", BESIDE)
def test_what_changes_the_arrays_beside_a_program_changes_the_identity(what, generated):
    (name, program, made), (other, same, changed) = generated(), generated(**BESIDE[what])
    assert name != other and program == same and made.held != changed.held


GIVEN = {
    "parameters and starts": {"rule": replace(RULE, parameters={**RULE.parameters, "A": 0.25, "tau": 7 * ms}, initial={"w": 0.25})},
    "the name, the source, the file": {"rule": replace(RULE, name="yours", source="another test", file="mine.py")},
    "bounds, presets and an oracle": {"rule": replace(RULE, bounds={"A": (0, 1)}, presets={"b": {"A": 0.1}}, oracle=lambda *args: {})},
    "the duration": {"duration": 0.2},
    "the seed": {"seed": 2},
}


@pytest.mark.parametrize("what", GIVEN)
def test_what_is_given_at_a_start_changes_nothing(what, generated):
    assert generated()[:2] == generated(**GIVEN[what])[:2]
    made, changed = generated()[2], generated(**GIVEN[what])[2]
    assert (made.held, made.inputs, made.results) == (changed.held, changed.inputs, changed.results)


def of(*values, **how):
    return known_program.program_identity(values, sorted(how.items()))


def test_the_machine_and_the_preferences_are_part_of_it(monkeypatch):
    before = {of(1)}
    with monkeypatch.context() as patch:
        patch.setitem(brian2.prefs.prefs, "codegen.loop_invariant_optimisations", False)
        before.add(of(1))
    with monkeypatch.context() as patch:
        patch.setitem(brian2.prefs.prefs, "codegen.cpp.extra_compile_args_gcc", ["-O1"])
        before.add(of(1))
    with monkeypatch.context() as patch:
        patch.setenv("CXX", "g++ -O1")
        before.add(of(1))
    with monkeypatch.context() as patch:
        patch.setattr(compiler, "version", lambda program: "1.2.3")
        before.add(of(1))
    with monkeypatch.context() as patch:
        patch.setattr(program_cache, "_processor", lambda: "another")
        before.add(of(1))
    assert len(before) == 6 and of(1) in before and None not in before
    assert of(1, threads=2) != of(1, threads=1)


def test_what_has_no_content_is_not_found():
    assert of(lambda: 1) is None and of(object()) is None and of(np.array([object()])) is None
    assert of(print) is None and of(compiler.words) is not None  # a function of this package, whose sources are read


def test_values_of_one_text_and_other_kinds_differ():
    values = [1, 1.0, True, "1", b"1", None, (1,), [1], [[1]], [1, 1], {"a": 1}, {"b": 1}, {"a": 1, "b": 1}, {"b": 1, "a": 1}]
    values += [np.array([1]), np.array([1.0]), np.array([[1]]), np.int32([1]), 1 * ms, 1 * Hz, 1 * second, ("ab",), ("a", "b")]
    assert len({of(value) for value in values}) == len(values)


def test_sources_and_versions_are_part_of_it(tmp_path, monkeypatch):
    """A package of two folders, and a Brian2 of one file."""
    for name in ("ours/core/__init__.py", "ours/core/a.py", "ours/engine/__init__.py", "ours/engine/run.cpp", "theirs/brian2/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    monkeypatch.setattr(identities, "brian2_folder", lambda: tmp_path / "theirs" / "brian2")
    monkeypatch.setattr("brian2chip.__path__", [str(tmp_path / "ours")])
    monkeypatch.setattr(identities, "BEGAN", os.stat(tmp_path / "theirs/brian2/__init__.py").st_mtime + 100)
    seen = [identities.sources()]
    for name in ("ours/core/a.py", "ours/engine/run.cpp", "theirs/brian2/__init__.py"):
        (tmp_path / name).write_text("x = 22\n")
        seen.append(identities.sources())
    (tmp_path / "ours/core/a.py").rename(tmp_path / "ours/core/b.py")
    seen.append(identities.sources())
    monkeypatch.setattr(identities, "_version", lambda package: "0.1")
    seen.append(identities.sources())
    assert len(set(seen)) == len(seen)
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "ours").rename(elsewhere)
    monkeypatch.setattr("brian2chip.__path__", [str(elsewhere)])
    assert identities.sources() == seen[-1]  # another environment with the same files
    monkeypatch.setattr(identities, "BEGAN", 0.0)
    with pytest.raises(identities.Unidentified):
        identities.sources()
    assert of(1) is None


def small(s, name="small"):
    """Declare what tests of the session's program use: a program that other tests compile, too."""
    group = NeuronGroup(4, "dx/dt = -x/tau : 1\ntau : second (shared, constant)", method="exact", name=name)
    s.input("tau", group, "tau", 10e-3)
    s.input("x", group, "x", np.arange(4))
    s.result(group, "x")
    s.queue(Network(group), 0.01)


def run(values, known_by=("small",), **how):
    """Return x after a run, and whether the program was known."""
    with session("cpp_standalone", dt=1e-3, known_by=known_by, **how) as s:
        if not s.recalled:
            small(s)
        s.execute(values, [0.02])
        return s.read("small.x"), s


VALUES = {"tau": 20e-3, "x": [4.0, 3.0, 2.0, 1.0]}


def test_a_known_program_gives_the_same_numbers(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path))
    first, s = run(VALUES)
    assert not s.recalled and s.timings["codegen"] > 0
    second_time, s = run(VALUES)
    assert s.recalled and s.device == "cpp_standalone" and s.timings["cached"] and s.timings["codegen"] == 0.0
    assert first.tobytes() == second_time.tobytes()
    np.testing.assert_allclose(first, np.array(VALUES["x"]) * np.exp(-1), rtol=1e-12)  # 20 ms of a time constant of 20 ms
    other, _ = run({"tau": 10e-3, "x": np.ones(4)})
    np.testing.assert_allclose(other, np.exp(-2), rtol=1e-12)
    assert [path.name for path in (s.directory / "results").glob("*array*")] == []  # the folder went with the session
    recipes = [path for path in (tmp_path / "recipes").iterdir() if not path.suffix]
    (tmp_path / "recipes" / recipes[0].name).write_bytes(b"something else")
    assert not run(VALUES)[1].recalled and run(VALUES)[1].recalled  # what does not fit its digest is made anew
    (tmp_path / "recipes" / recipes[0].name).chmod(0o722)
    assert not run(VALUES)[1].recalled  # nor what others may write to
    assert not run(VALUES, known_by=("other",))[1].recalled
    assert not run(VALUES, directory=tmp_path / "seen")[1].recalled  # who names a folder wants to read the code
    with session("cpp_standalone", dt=1e-3, known_by=("small",)) as s, pytest.raises(RuntimeError, match="tau was given at each start"):
        s.execute({"x": np.ones(4)})
    with session("cpp_standalone", dt=1e-3, known_by=("small",)) as s:
        s.execute(VALUES, [0.02])
        assert {path.name for path in (s.directory / "results").iterdir()} - {"stdout.txt", "last_run_info.txt"} == {
            place.file for place in recipe.find(recipes[0].name)[0].results.values()
        }  # nothing but what is read
        program = s.program
        for path in (tmp_path / "programs").iterdir():
            path.unlink()
        s.execute(VALUES, [0.02])
        assert s.read("small.x").tobytes() == first.tobytes() and kept_files.is_whole(program)
        (tmp_path / "programs" / program.name).unlink()
    assert not run(VALUES)[1].recalled  # the program is gone, its recipe alone is nothing


def test_a_known_protocol_runs_without_brian2(tmp_path):
    """In a process of its own, twice: the second time nothing of Brian2 but its units is imported, nor SymPy, nor matplotlib's pyplot."""
    code = """
import sys
from brian2chip import cli
assert cli.main(["run", "bi_poo_1998", "--rule", "stdp", "--out", sys.argv[1], "--force"]) == 0
print({name for name in ("brian2", "sympy", "matplotlib.pyplot", "scipy") if name in sys.modules} or "nothing")
from brian2 import Quantity, ms
import brian2, brian2chip.core.units
assert brian2.units.allunits.second is brian2.second and Quantity is brian2chip.core.units.Quantity
"""
    said = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code, tmp_path / "out"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.splitlines())
    assert said[0][0] == said[1][0] and said[1][1] == "nothing"
    assert (tmp_path / "out" / "table.csv").exists()


def test_a_packed_recipe_is_unpacked():
    made = recipe.Recipe(
        "name", ["--results_dir", "{results}"], {"x": recipe.Slot("<f8", 4, True)}, {"rows": "<i4"}, [0.1],
        {"g.x": recipe.Place("file", "<f8", 2)}, {"inputs/x": b"12345678", "static_arrays/y": b""},
    )  # fmt: skip
    assert recipe.Recipe.unpacked(made.packed()) == made
    elsewhere = replace(made, held={"inputs/../../x": b""}).packed()
    for wrong in (b"", b"{}\n", b"[]\nx", made.packed()[:-3], elsewhere):
        with pytest.raises((ValueError, KeyError, TypeError, recipe.zlib.error)):
            recipe.Recipe.unpacked(wrong)


def test_a_number_fills_an_input():
    assert recipe.Slot("<f8", 3, True).full(np.float64(2)).tolist() == [2.0, 2.0, 2.0]
    assert recipe.Slot("<i4", 3, False).full(np.array([1.0, 2.0])).tolist() == [1, 2]
