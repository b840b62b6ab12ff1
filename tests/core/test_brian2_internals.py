"""A contract test for each thing of Brian2 that it does not promise, and a check that nothing else touches what is private."""

import ast
import gc
import inspect
import logging
import os
import re
import subprocess
from pathlib import Path

import brian2
import numpy as np
import pytest
from brian2 import Equations, Network, NeuronGroup, StateMonitor, Synapses, ms, second
from brian2.utils.logger import catch_logs

import brian2chip
from brian2chip.core import brian2_internals as internals
from brian2chip.core import brian2_records as records
from brian2chip.errors import UserError

VERSION = tuple(int(n) for n in re.findall(r"\d+", brian2.__version__)[:2])


@pytest.fixture
def fresh():
    """Brian2 on numpy, given back afterwards."""
    with internals.kept_state():
        internals.activate_fresh_device("runtime")
        brian2.prefs["codegen.target"] = "numpy"
        brian2.defaultclock.dt = 1 * ms
        yield


# --- the global state ---


def test_log_files():
    logger = brian2.BrianLogger
    files, kept = internals.log_files()
    assert [str(path) for path in files] == [name for name in (logger.tmp_log, logger.tmp_script) if name]
    assert all(path.name.startswith(("brian_debug_", "brian_script_")) for path in files) and kept in (True, False)


class Compiler:
    """What Brian2 asks of a compiler that takes every flag but one."""

    compiler_type, executables = "unix", {"compiler_cxx": ["sh", "-c", 'test "$1" != -wrong', "sh"]}


@pytest.mark.skipif(VERSION < (2, 7), reason="this Brian2 tries flags in another way")
def test_flags_tried_in(tmp_path):
    before = internals._cpp_prefs._determine_flag_compatibility
    with internals.flags_tried_in(tmp_path):
        assert [internals._cpp_prefs.has_flag(Compiler(), flag) for flag in ("-right", "-wrong")] == [True, False]
    assert internals._cpp_prefs._determine_flag_compatibility is before and not any(tmp_path.iterdir())


def test_move_program(tmp_path):
    """Brian2 reads results from the folder that a program was moved to."""
    with internals.kept_state():
        device = internals.activate_fresh_device("cpp_standalone", build_on_run=False)
        group = NeuronGroup(2, "dx/dt = 1/second : 1", method="euler", name="moving")
        Network(group).run(1 * ms)
        device.build(directory=str(tmp_path / "one"), compile=False, run=False, with_output=False)
        internals.move_program(tmp_path / "other")
        folder = tmp_path / "other" / "results"
        folder.mkdir(parents=True)
        np.array([3.0, 4.0]).tofile(folder / device.get_array_filename(group.variables["x"]).split("/")[-1])
        device.array_cache[group.variables["x"]], device.has_been_run = None, True
        assert group.x[:].tolist() == [3.0, 4.0]


def test_check_version(caplog):
    for version in ("2.5.4", "2.9.0", "2.11.0", "2.8.0.4", "2.9.0.post0.dev3"):
        internals.check_version(version)
    assert not caplog.records
    internals.check_version("2.12.0")
    internals.check_version("2.6.0")
    assert ["2.12.0" in r.getMessage() for r in caplog.records] == [True, False] and "2.6.0" in caplog.text
    for version in ("2.5.3", "2.4.2"):
        with pytest.raises(UserError, match="brian2chip needs Brian2 2.5.4"):
            internals.check_version(version)


def test_the_version_that_runs_is_a_tested_one():
    assert ".".join(map(str, VERSION)) in internals.TESTED


def test_kept_state():
    before = brian2.get_device(), dict(brian2.prefs.prefs), NeuronGroup(1, "v : 1")
    name = before[2].name
    with pytest.raises(ZeroDivisionError), internals.kept_state():
        assert NeuronGroup(1, "v : 1").name == "neurongroup"  # names start afresh
        brian2.prefs["codegen.target"] = "numpy" if brian2.prefs["codegen.target"] != "numpy" else "cython"
        brian2.set_device("cpp_standalone", build_on_run=False)
        assert brian2.get_device() is not before[0]
        raise ZeroDivisionError
    assert (brian2.get_device(), dict(brian2.prefs.prefs)) == before[:2]
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.device.reinit()
    brian2.reset_device() if hasattr(brian2, "reset_device") else brian2.set_device(before[0])
    assert brian2.get_device() is before[0]  # the stack of devices is what it was
    assert NeuronGroup(1, "v : 1").name != name  # and the objects from before are known again


@pytest.mark.parametrize("silenced", [True, False])
def test_silence_abandoned_objects(fresh, silenced):
    group = NeuronGroup(1, "v : 1", threshold="v > 1", reset="", name="abandoned")
    if silenced:
        internals.silence_abandoned_objects()
    with catch_logs() as logs:
        del group
        gc.collect()
    warned = any("'abandoned' is getting deleted" in text for _, _, text in logs)
    assert warned == (not silenced and VERSION >= (2, 6))  # Brian2 2.5 does not warn


@pytest.mark.parametrize("name", ["runtime", "cpp_standalone"])
def test_activate_fresh_device(fresh, name):
    options = {"build_on_run": False} if name == "cpp_standalone" else {}
    first = internals.activate_fresh_device(name, **options)
    second = internals.activate_fresh_device(name, **options)
    assert brian2.get_device() is second and second is not first and second is not brian2.all_devices[name]
    assert type(second) is type(brian2.all_devices[name])


@pytest.mark.parametrize("meant", [True, False])
def test_order_is_meant(fresh, meant):
    group = NeuronGroup(3, "x : 1\nlast = x : 1", threshold="True", reset="")
    disorder = Synapses(group, group, "w : 1", on_pre="x_post = w*x_pre")
    disorder.connect()
    with catch_logs() as logs:
        if meant:
            with internals.order_is_meant():
                Network(group, disorder).run(1 * ms, namespace={})
            assert logging.getLogger("brian2.codegen.generators.base").getEffectiveLevel() < logging.ERROR
        else:
            Network(group, disorder).run(1 * ms, namespace={})
    assert [where for _, where, text in logs if "order" in text] == ([] if meant else ["brian2.codegen.generators.base"])


def test_order_is_meant_for_monitors_of_shared_variables(fresh):
    """The chip's emulators record shared variables of whole groups, of which Brian2 warns too."""
    group = NeuronGroup(2, "x : 1 (shared)\ny : 1 (shared)", name="group")
    with catch_logs() as logs:
        with internals.order_is_meant():
            quiet = StateMonitor(group, "x", record=True)
        loud = StateMonitor(group, "y", record=True)  # of each variable Brian2 warns once
        Network(group, quiet, loud).run(1 * ms)
    assert [where for _, where, _ in logs] == ["brian2.monitors.statemonitor"]


def test_cython_keeps_powers_real():
    assert internals.cython_keeps_powers_real() == (VERSION >= (2, 6))


# --- variables of groups ---


@pytest.fixture
def pair(fresh):
    """Three neurons, two sources, and synapses from these onto those."""
    group = NeuronGroup(3, "x : 1\nn : integer\nk : integer\ntau : second (shared)", name="group")
    source = NeuronGroup(2, "y : 1", name="source")
    synapses = Synapses(source, group, "w : 1\nx_post = w*y_pre : 1 (summed)", name="synapses")
    synapses.connect(i=[0, 1, 1], j=[0, 1, 1])
    return group, source, synapses


def test_array_like(pair):
    assert internals.array_like(pair[0], "n", [1.0, 2.0]).dtype == np.int32
    assert internals.array_like(pair[0], "x", 1).dtype == np.float64


def test_full_array(pair):
    group, _, synapses = pair
    assert internals.full_array(group, "x", np.array(2.0)).tolist() == [2, 2, 2]
    assert internals.full_array(group, "tau", np.array(2.0)).tolist() == [2]
    assert internals.full_array(synapses, "w", np.array(2.0)).tolist() == [2, 2, 2]
    assert internals.full_array(synapses, "w", np.arange(5.0)).tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError):
        internals.full_array(group, "x", np.arange(5.0))


def test_live_array(pair):
    array = internals.live_array(pair[0], "n")
    array[:] = [4, 5, 6]
    assert pair[0].n[:].tolist() == [4, 5, 6]
    with internals.kept_state():
        internals.activate_fresh_device("cpp_standalone", build_on_run=False)
        assert internals.live_array(NeuronGroup(1, "n : integer"), "n") is None


def test_add_link(pair):
    group, source, synapses = pair
    internals.add_link(group, "seen", source, "y", "k")
    internals.add_link(synapses, "first", group, "n", "0")
    source.y, group.k, group.n = [7, 8], [1, 0, 1], [3, 4, 5]
    assert group.seen[:].tolist() == [8, 7, 8]
    group.run_regularly("k = 1 - k", name="turn", order=-1)
    group.run_regularly("n = int(seen)", name="see", when="end")
    synapses.run_regularly("w = first", name="copy")
    Network(group, source, synapses).run(1 * ms)
    assert synapses.w[:].tolist() == [3, 3, 3]
    assert group.n[:].tolist() == [7, 8, 7]  # the index may change in a run


@pytest.mark.parametrize(("when", "order", "expected"), [("start", -2, 0), ("start", 2, 1), ("end", 0, 1)])
def test_schedule_sum(pair, when, order, expected):
    group, source, synapses = pair
    synapses.w = 1
    internals.schedule_sum(synapses, "x_post", when, order)
    source.run_regularly("y += 1", when="start", order=0)
    Network(group, source, synapses).run(1 * ms)
    assert group.x[:].tolist() == [expected, 2 * expected, 0]


# --- the compiled program ---

STOP = (
    "static inline int64_t stop_now(int64_t c) { if (c) { %s } return c; }" % internals.STOP_AFTER_STEP  # noqa: UP031  (braces of C++)
)


def number(name):
    """C++ that reads a number from the environment when the program starts."""
    return f'std::atof(std::getenv("{name}"))'


@pytest.fixture(scope="module")
def run_program(tmp_path_factory):
    """Return a function that starts one compiled program with other numbers and returns what Brian2 then reads."""
    folder = tmp_path_factory.mktemp("program")
    with internals.kept_state():
        device = internals.activate_fresh_device("cpp_standalone", build_on_run=False)
        brian2.prefs["codegen.cpp.headers"] = [*brian2.prefs["codegen.cpp.headers"], "<cstdlib>"]
        brian2.defaultclock.dt = 1 * ms
        internals.set_program_step(number("STEP"))
        internals.seed_program(number("SEED"))
        stop = brian2.Function(lambda c: c, arg_units=[1], return_unit=1, arg_types=["integer"], return_type="integer", stateless=False)
        brian2.implementation("cpp", STOP, headers=['"objects.h"'])(stop)
        group = NeuronGroup(
            3, "n : 1\nlast : second\nr : 1\nlimit : 1 (constant)\nhalted : integer", name="group", namespace={"stop_now": stop}
        )
        group.run_regularly("n += 1\nlast = t\nr = rand()\nhalted = stop_now(int(n >= limit))", name="count")
        slow = NeuronGroup(1, "m : 1", dt=4 * ms, name="slow")
        slow.run_regularly("m += 1", name="slow_count")
        synapses = Synapses(group, group, "w : 1 (constant)", name="synapses")
        synapses.connect(j="i")
        group.limit = 1
        for owner, variable in ((group, "limit"), (synapses, "w")):
            pointer, size = internals.cpp_array(owner, variable)
            internals.forget_value(owner, variable)
            device.insert_code("main", f"for (size_t k = 0; k < (size_t)({size}); k++) {pointer}[k] = {number('VALUE')} + k;")
        record = StateMonitor(group, "n", record=True, name="record")
        network = Network(group, slow, synapses, record)
        network.run(1 * second, namespace={})
        internals.set_run_duration(number("DURATION"))
        device.build(directory=str(folder), compile=True, run=False, with_output=False)
        arguments = internals.results_argument(str(folder / "results") + os.sep)

        def start(STEP=0.002, SEED=1, VALUE=100, DURATION=0.02):
            numbers = {"STEP": STEP, "SEED": SEED, "VALUE": VALUE, "DURATION": DURATION}
            environment = dict(os.environ, **{key: str(value) for key, value in numbers.items()})
            subprocess.run([str(folder / "main"), *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
            internals.results_are_new()
            read = group.get_states(["n", "last", "r", "limit"], units=False)
            return read | {"w": synapses.w[:], "recorded": np.array(record.n), "folder": folder, "arguments": arguments}

        yield start


def test_set_program_step(run_program):
    assert [run_program(STEP=step)["n"][0] for step in (0.002, 0.004)] == [10, 5]


def test_set_run_duration(run_program):
    assert run_program(DURATION=0.03)["n"][0] == 15
    assert run_program(DURATION=0.03)["last"][0] == pytest.approx(0.028)


def test_seed_program(run_program):
    once, again, other = (run_program(SEED=seed)["r"].tolist() for seed in (1, 1, 2))
    assert once == again != other and len(set(once)) == 3


def test_cpp_array(run_program):
    result = run_program(VALUE=200)
    assert (result["limit"].tolist(), result["w"].tolist()) == ([200, 201, 202], [200, 201, 202])


def test_forget_value(run_program):
    assert run_program()["limit"].tolist() == [100, 101, 102]  # not the 1 that was set in Python


def test_stop_after_step(run_program):
    assert run_program(VALUE=3)["n"].tolist() == [3, 3, 3]
    assert run_program(VALUE=11)["n"].tolist() == [10, 10, 10]


def test_results_are_new(run_program):
    for duration, steps in ((0.02, 10), (0.04, 20), (0.01, 5)):
        assert run_program(DURATION=duration)["recorded"].tolist() == [list(range(1, steps + 1))] * 3


def test_results_argument(run_program):
    result = run_program()
    assert bool(result["arguments"]) == (VERSION >= (2, 6))
    assert any((result["folder"] / "results").glob("_dynamic_array_record_n*"))


# --- equations ---


def test_equations_as_the_analysis_reads_them():
    e = Equations("dv/dt = (q - v)/tau : volt (event-driven)\nq = 2*v : volt\nflag : boolean (shared)\ntau : second")
    assert {name: e[name].type for name in e} == {
        "v": internals.DIFFERENTIAL_EQUATION,
        "q": internals.SUBEXPRESSION,
        "flag": internals.PARAMETER,
        "tau": internals.PARAMETER,
    }
    assert (e["v"].expr.code.replace(" ", ""), e["v"].flags, e["flag"].flags) == ("(q-v)/tau", ["event-driven"], ["shared"])
    assert (e["flag"].var_type, e["v"].var_type) == (internals.BOOLEAN, internals.FLOAT)
    assert isinstance(e["v"], internals.SingleEquation) and e["v"].varname == "v"
    with pytest.raises(internals.EquationError):
        Equations("dv/dt = : 1")


def test_parse_statement():
    assert internals.parse_statement("w += 2*x # more")[:3] == ("w", "+=", "2*x")
    assert internals.parse_statement("w = x == 1")[:3] == ("w", "=", "x == 1")


def test_sympy_both_ways():
    assert internals.sympy_to_str(internals.str_to_sympy("w*exp(-(t - t)/tau)")) == "w"


def test_state_update():
    code = internals.state_update("exact", Equations("dx/dt = -x/tau : 1\ntau : second"))
    assert [internals.parse_statement(line)[0] for line in code.splitlines() if line.strip()] == ["_x", "x"]
    with pytest.raises(internals.UnsupportedEquationsException):
        internals.state_update("exact", Equations("dx/dt = -x**2/tau : 1\ntau : second"))


# --- the drawer is the only one ---

PRIVATE = (
    r"\._network\b|\b_devices\b|active_device|previous_devices|instance_sets|instancefollower|Trackable|prefs\.prefs|main_queue|array_cache"
    r"|get_array_name|results_dir\b|has_been_run|DynamicArrayVariable|compiler_kwds|add_reference|summed_updaters|RuntimeDevice"
    r"|CPPStandaloneDevice|stateupdaters|abstract_code|\.variables\b|\.[gs]et_value\(|_indices\b|code_objects|codeobj"
    r"|getLogger\(f?\"brian2\W|brian::|set_interval"
)


#: The files that touch what is private.
DRAWER = ("brian2_internals.py", "brian2_records.py", "brian2_run_code.py", "brian2_cuda.py")


def sources():
    """Every file of the package but the drawer."""
    for folder in dict.fromkeys(Path(p).resolve() for p in brian2chip.__path__):
        for path in folder.rglob("*.py"):
            inside = path.relative_to(folder).parts
            if not {"tests", "benchmarks", "examples", "docs", "build"} & set(inside) and not any(p.startswith(".") for p in inside):
                if path.name not in DRAWER:
                    yield path


def private_uses(source):
    """Lines of Python that import from below Brian2's first level (units excepted) or name what is private."""
    found = []
    for node in ast.walk(ast.parse(source)):
        modules = (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        if any(m.startswith("brian2.") and not m.startswith("brian2.units") for m in modules):
            found.append(ast.unparse(node))
    return found + [line.strip() for line in source.splitlines() if re.search(PRIVATE, line)]


def test_variable_names(fresh):
    group = NeuronGroup(1, "dv/dt = -v/tau : 1\ntau : second")
    assert {"v", "tau", "i", "N", "t", "dt"} <= internals.variable_names(group) and "w" not in internals.variable_names(group)


def test_result_place():
    """Type and file of a variable, and the columns of a monitor's table."""
    with internals.kept_state():
        device = internals.activate_fresh_device("cpp_standalone", build_on_run=False)
        group = NeuronGroup(3, "x : 1\nk : integer (shared)", name="placed")
        states = StateMonitor(group, "x", record=True, name="states")
        file, dtype, columns = records.result_place(group, "k")
        assert file == device.get_array_filename(group.variables["k"]).split("/")[-1] and (dtype, columns) == ("<i4", 0)
        assert records.result_place(states, "x")[1:] == ("<f8", 3)
        internals.silence_abandoned_objects()


def test_stored_variables(fresh):
    group = NeuronGroup(
        2, "dv/dt = -v/tau : 1\ntau : second (constant)\nk : integer\nd = 2*v : 1", threshold="v > 1", reset="v = 0", name="g"
    )
    synapses = Synapses(group, group, "w : 1", on_pre="v_post += w", name="s")
    synapses.connect(i=[0], j=[1])
    internals.add_link(synapses, "other", group, "k", "j")
    states, spikes = StateMonitor(group, "v", record=True), brian2.SpikeMonitor(group)
    assert sorted(records.stored_variables(group)) == ["k", "v"] and records.stored_variables(synapses) == ["w"]
    assert {"t", "v"} <= set(records.stored_variables(states)) and {"i", "t"} <= set(records.stored_variables(spikes))
    assert records.stored_variables(Network(group, synapses, states, spikes)) == []
    for name in ("a", "z"):  # a second name of a variable is not a second variable
        group.variables.add_reference(name, group, "v")
    assert sorted(records.stored_variables(group)) == ["k", "v"]


def test_is_vector(fresh):
    """Neurons are as many as they were made, synapses as many as a program connects."""
    group = NeuronGroup(3, "x : 1", name="counted")
    synapses = Synapses(group, group, "w : 1")
    synapses.connect(i=[0, 1], j=[1, 2])
    assert [records.is_vector(group, "x"), records.is_vector(synapses, "w")] == [False, True]
    internals.silence_abandoned_objects()


def test_plain_values(fresh):
    group = NeuronGroup(2, "v : volt\nk : 1 (shared)")
    group.v, group.k = [1, 2] * brian2.mV, 3
    values = records.plain_values(group, "v")
    assert values.tolist() == [1e-3, 2e-3] and records.plain_values(group, "k").tolist() == [3.0]
    values[:] = 0
    assert group.v_[:].tolist() == [1e-3, 2e-3]
    internals.silence_abandoned_objects()


def test_changed_preferences():
    with internals.kept_state():
        before = records.changed_preferences()
        brian2.prefs["codegen.loop_invariant_optimisations"] = False
        assert sorted([*before, ("codegen.loop_invariant_optimisations", "False")]) == records.changed_preferences()
    assert records.changed_preferences() == before


def test_code_is_rendered_for_numpy():
    """engine/on_arrays.py runs what the renderer makes of a statement's syntax tree."""
    rendered = internals.NumpyNodeRenderer().render_node(ast.parse("z = int(v > A) * (not x and y)").body[0])
    assert rendered == "z = int(v > A) * ((logical_not(x)) & y)"


def test_private_names_stand_in_the_drawer_alone():
    paths = set(sources())
    assert len(paths) > 100
    found = {str(path): lines for path in paths if (lines := private_uses(path.read_text(encoding="utf-8")))}
    assert not found


def test_the_search_finds_what_is_in_the_drawer():
    assert len(private_uses(Path(internals.__file__).read_text(encoding="utf-8"))) > 25


def test_every_trick_has_a_contract_test():
    tricks = [n for m in (internals, records) for n, f in vars(m).items() if inspect.isfunction(f) and f.__module__ == m.__name__]
    assert len(tricks) > 15
    assert [n for n in tricks if not any(test.startswith(f"test_{n}") for test in globals())] == []
    assert [n for n in internals.__all__ if f"internals.{n}" not in Path(__file__).read_text(encoding="utf-8")] == []
