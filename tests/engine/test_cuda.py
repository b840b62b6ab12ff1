"""The cuda device: refusals everywhere; where brian2cuda is installed, what is generated; where nvcc is too, that it compiles (slow)."""

import importlib
import importlib.util
import logging
import re
import shutil
import subprocess

import brian2
import numpy as np
import pytest
from brian2 import Network, NeuronGroup, Synapses, ms

import brian2chip as bc
from brian2chip.core import brian2_cuda, registry
from brian2chip.engine import compiler, cuda, cuda_target, devices, generated_source, gpu_inputs, joined_source, program_cache, session
from brian2chip.engine.functions.fixed_point import ARITHMETIC
from brian2chip.engine.functions.lookup_table import Table
from brian2chip.engine.functions.normal_numbers import NORMAL_NUMBER
from brian2chip.errors import UserError

needs_brian2cuda = pytest.mark.skipif(
    importlib.util.find_spec("brian2cuda") is None or cuda.nvcc() is None,
    reason="needs brian2cuda (pip install 'brian2chip[cuda]') and nvcc; no GPU, as nothing runs",
)
SHORT = {"pairs": 2, "rate_hz": 4.0, "points": 3}


# --- everywhere ---


def test_missing_pieces_are_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"brian2chip\[cuda\].*cpp_standalone"):
        devices.choose_device("cuda")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(cuda, "nvcc", lambda: None)
    with pytest.raises(UserError, match="nvcc.*CUDA_PATH"):
        cuda.check_installed()
    monkeypatch.setattr(cuda, "nvcc", lambda: "/there/nvcc")
    monkeypatch.setattr(compiler, "compiler", lambda: None)
    with pytest.raises(UserError, match="beside nvcc"):
        cuda.check_installed()
    monkeypatch.setattr(compiler, "compiler", lambda: "g++")
    monkeypatch.setattr(importlib, "import_module", lambda name: 1 / 0)
    with pytest.raises(UserError, match="ZeroDivisionError"):
        cuda.check_installed()


@pytest.mark.parametrize("said, there", [("GPU 0: NVIDIA H200 (UUID: GPU-1)\n", True), ("No devices found.\n", False)])
def test_a_gpu_is_there_when_its_driver_names_one(said, there, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, 0, said))
    assert cuda._gpu() is there


def test_without_a_driver_there_is_no_gpu(monkeypatch):
    def missing(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", missing)
    assert cuda._gpu() is False


def test_cuda_path_comes_before_path(monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("CUDA_PATH", str(tmp_path))
    assert cuda.nvcc() is None  # whatever PATH holds
    (tmp_path / "bin" / "nvcc").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "nvcc").chmod(0o755)
    assert cuda.nvcc() == str(tmp_path / "bin" / "nvcc")


def test_rules_that_name_other_devices_and_trainings_without_events_are_refused(monkeypatch):
    monkeypatch.setattr(cuda, "check_installed", lambda: pytest.fail("a session was opened"))
    with pytest.raises(UserError, match="'sdsp' does not run on cuda; use one of numpy, cython, cpp_standalone"):
        bc.run("bi_poo_1998", "sdsp", device="cuda")
    with pytest.raises(UserError, match="does not run on 'cuda'; use one of numpy, cpp_standalone"):
        bc.train("digits", device="cuda")


def test_threads_are_for_the_processor():
    with pytest.raises(UserError, match="threads=2"):
        cuda_target._set_flags(2, ())


def test_the_order_of_sets_is_not_part_of_a_program():
    """What brian2cuda writes in the order of a set, in two orders and with another member."""
    room = "THRUST_CHECK_ERROR(\n  dev{0}.resize(newsize)\n );\n {0}.resize(newsize);\n"
    clocks = "extern Clock {0};\n network.add(&{0}, _run_random_number_buffer);\n"
    one, other = ("".join(text.format(name) for text in (room, clocks) for name in names) for names in ("ab", "ba"))
    assert one != other and generated_source.same_everywhere(one.encode()) == generated_source.same_everywhere(other.encode()) == b""
    kept = b"network.add(&clock, _run_a);\nx.resize(newsize);"
    assert generated_source.same_everywhere(kept) == kept


def test_cuda_source_is_part_of_what_tells_programs_apart(tmp_path):
    (tmp_path / "main.cu").write_text("int x = 1;")
    one = program_cache.key(tmp_path, [])
    (tmp_path / "main.cu").write_text("int x = 2;")
    assert program_cache.key(tmp_path, []) != one


def test_files_whose_helpers_have_no_namespace_are_not_joined(tmp_path):
    (tmp_path / "code_objects").mkdir()
    text = "namespace {\n int helper() { return 1; }\n}\nvoid run()\n{\n    using namespace brian;\n}\n"
    names = ["before_run_a", "a", "b"]
    for name in names:
        (tmp_path / "code_objects" / f"{name}.cu").write_text(text)
    (tmp_path / "makefile").write_text(f"SRCS = main.cu {' '.join(f'code_objects/{name}.cu' for name in names)}\n")
    joined_source.join(tmp_path, ".cu", but=cuda_target.ALONE)
    sources = (tmp_path / "makefile").read_text().split()[2:]
    assert sources == ["code_objects/joined_0.cu", "code_objects/joined_1.cu", "main.cu", "code_objects/before_run_a.cu"]
    assert "namespace a_helpers" in (tmp_path / "code_objects" / "joined_0.cu").read_text()


@pytest.mark.parametrize("values, ctype, result", [(np.ones((1, 2), np.int8), "int8_t", "int64_t"), (np.ones((1, 2)), "double", "double")])
def test_what_a_table_is_on_a_gpu(values, ctype, result):
    names = Table("levels", values).c_names
    declared, defined = gpu_inputs.DECLARED % names, gpu_inputs.DEFINED % names
    assert f"static inline __host__ __device__ {result} levels(int64_t row, int64_t column)" in declared
    assert f"extern __device__ {ctype}* _gpu_table_levels;" in declared and f"\n__device__ {ctype}* _gpu_table_levels;" in defined
    assert 'b2c_load("levels.shape"' in defined and 'b2c_load_to_gpu("levels"' in defined


@pytest.mark.parametrize("function", [*ARITHMETIC.values(), NORMAL_NUMBER])
def test_functions_of_their_arguments_alone_have_code_for_a_gpu(function):
    on_cpu, on_gpu = (function.implementations[each].get_code(None) for each in ("cpp", "cuda"))
    assert on_cpu.count("static inline") == on_gpu.count("static inline __host__ __device__") >= 1
    assert on_gpu.replace("__host__ __device__ ", "") == on_cpu


# --- with brian2cuda: what is generated ---


class Generated(Exception):
    """Raised where a program would be compiled."""


@pytest.fixture
def gpu_unseen(monkeypatch):
    """Programs are generated for a GPU of compute capability 9.0 that need not be there."""
    importlib.import_module("brian2cuda")
    for name, value in (("detect_gpus", False), ("gpu_id", 0), ("compute_capability", 9.0)):
        monkeypatch.setitem(brian2.prefs.prefs, cuda.BACKEND + name, value)


@pytest.fixture
def generated(gpu_unseen, monkeypatch):
    """A function that runs some work and returns the source of the program that it would compile, with the key of the cache."""
    found = {}

    def take(folder, make_args, called):
        found.clear()
        found["key"] = program_cache.key(folder, make_args)
        found.update({str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.suffix in (".cu", ".h", "")
                      and path.is_file() and "inputs" not in path.parts and "static_arrays" not in path.parts})  # fmt: skip
        raise Generated

    monkeypatch.setattr(program_cache, "find_or_compile", take)

    def source(work, *arguments, **options):
        with pytest.raises(Generated):
            work(*arguments, **options)
        return dict(found)

    return source


def leaking(dt=1e-3, seconds=0.01, seed=1, x=1.0, w=0.5, levels=((1.0, 2.0),)):
    """Two groups with inputs, a table and synapses; everything that may change without compiling may be given."""
    with session.session("cuda", dt=dt, seed=seed) as s:
        names = {"levels": s.table("levels", np.array(levels))}
        group = NeuronGroup(3, "dx/dt = -x/(20*ms) : 1\ny : 1", threshold="x > 2", reset="x = 0", method="exact", namespace=names, name="g")
        group.run_regularly("y += levels(t_in_timesteps, i)", name="look")
        synapses = Synapses(group, group, "w : 1", on_pre="y_post += w", name="s", namespace={})
        synapses.connect()
        s.input("x", group, "x", x)
        s.input("w", synapses, "w", w)
        s.result(group, "y")
        s.run(Network(group, synapses), seconds)


@needs_brian2cuda
def test_inputs_are_loaded_and_copied_and_nothing_of_them_is_compiled(generated):
    source = generated(leaking)
    main = " ".join(source["main.cu"].split())
    assert 'b2c_load_to_gpu("x", brian::_array_g_x, brian::dev_array_g_x, 3);' in main
    vector = "thrust::raw_pointer_cast(brian::{}_dynamic_array_s_w.data())"
    assert f'b2c_load_to_gpu("w", {vector.format("")}, {vector.format("dev")}, brian::_dynamic_array_s_w.size());' in main
    assert main.index("_load_table_levels();") < main.index('b2c_load_to_gpu("x"') < main.index('.run(b2c_number("duration_0"),')
    assert '_array_defaultclock_dt[0] = b2c_number("dt");' in main and "_array_defaultclock_dt[0] = 0.0" not in main
    assert 'set_seed((long)b2c_number("seed") + 0ULL)' in main
    other = generated(leaking, dt=5e-4, seconds=0.02, seed=2, x=[1.0, 2.0, 3.0], w=0.1, levels=np.ones((5, 3)))
    assert other["key"] == source["key"]
    assert generated(leaking, levels=np.ones((2, 2), np.int16))["key"] != source["key"]  # the type of a table is compiled


@needs_brian2cuda
def test_how_a_program_is_compiled_and_writes_what_is_wanted(generated):
    source = generated(leaking)
    flags = re.search(r"^NVCCFLAGS = (.*)$", source["makefile"], re.M)[1]
    assert flags.index("-std=c++17") > flags.index("-std=c++11") and flags.count("-std=c++11") == 1 and "-use_fast_math" not in flags
    assert source["makefile"].startswith("# nvcc ") and "b2c_gpu.cu" in source["makefile"] and "joined_0.cu" in source["makefile"]
    assert re.findall(r"ofstream outfile_(\w+);", source["objects.cu"]) == ["last_run_info"]  # every array by one call
    assert "b2c_write(results_dir, " in source["objects.cu"]
    code = "".join(text for name, text in source.items() if "code_objects" in name)
    assert '#include "b2c_gpu.h"' in code and "levels(" in code


@needs_brian2cuda
def test_brian2_is_given_back(generated):
    device, prefs = brian2.get_device(), dict(brian2.prefs.prefs)
    log = logging.getLogger("brian2.brian2cuda")
    before = log.level
    generated(leaking)
    assert brian2.get_device() is device and dict(brian2.prefs.prefs) == prefs and log.level == before


@needs_brian2cuda
def test_a_function_without_code_for_the_gpu_is_refused_before_anything_is_compiled(gpu_unseen, monkeypatch):
    monkeypatch.setattr(program_cache, "find_or_compile", lambda *a: pytest.fail("it was compiled"))
    with pytest.raises(UserError, match="delayed has no code for the GPU; use device 'cpp_standalone'"):
        with session.session("cuda", dt=1e-3) as s:
            from brian2chip.engine.functions.delayed import delayed

            names = {"delayed": delayed()}
            equations = "dx/dt = 1/ms : 1\ny = delayed(0, x, i, N, t_in_timesteps, 3) : 1 (constant over dt)"
            s.run(Network(NeuronGroup(2, equations, method="euler", namespace=names)), 0.01)


def test_the_function_without_code_is_found_in_the_chain_of_errors():
    try:
        try:
            raise KeyError(f"{brian2_cuda.NO_CODE} 'cuda'")
        except KeyError as error:
            raise NotImplementedError("Cannot use function 'mine' here") from error
    except NotImplementedError as error:
        assert brian2_cuda.function_without_code(error) == "mine"
    assert brian2_cuda.function_without_code(ValueError("something else")) is None


@needs_brian2cuda
def test_a_protocol_is_one_program_for_any_values(generated):
    one = generated(bc.run, "bi_poo_1998", "stdp", device="cuda", **SHORT)
    other = generated(bc.run, "bi_poo_1998", "stdp", device="cuda", parameters={"tau_plus": 12 * ms, "w": 0.3}, seed=4, **SHORT)
    assert one["key"] == other["key"] and "_load_table_synapses_of_pair();" in one["main.cu"]


@needs_brian2cuda
def test_a_training_is_generated(generated):
    source = generated(bc.train, "pattern_generation", rule="eprop", device="cuda", batch=2, iterations=1, n_test=1)
    for name in ("stimulus.x", "teacher.target", "w_in_store.w", "rec.beta"):
        assert f'b2c_load_to_gpu("{name}"' in source["main.cu"], name


# --- with nvcc: what compiles; on a machine with a GPU also what it computes ---


def curand():
    """Whether the CUDA toolkit has the headers of cuRAND, which come in a package of their own."""
    return subprocess.run([cuda.nvcc(), "-x", "cu", "-E", "-"], input=b"#include <curand.h>", capture_output=True).returncode == 0


@needs_brian2cuda
@pytest.mark.slow
@pytest.mark.parametrize("what", ["protocol", "training"])
def test_a_program_compiles_and_agrees_with_the_processors(what, request):
    if not curand():
        pytest.skip("this CUDA toolkit has no cuRAND")
    there = cuda._gpu()
    if not there:
        request.getfixturevalue("gpu_unseen")

    def found(device):
        if what == "protocol":
            return bc.run("bi_poo_1998", "stdp", device=device, **SHORT)["dw"].to_numpy()
        how = {"rule": "eprop", "batch": 2, "iterations": 2, "n_test": 1}
        return bc.train("pattern_generation", device=device, **how).history["loss"].to_numpy()

    if there:
        expected = found("cpp_standalone")
        np.testing.assert_allclose(found("cuda"), expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    else:  # it compiles and starts, and says what it misses
        with pytest.raises(RuntimeError, match="cudaSetDevice"):
            found("cuda")


def test_every_rule_says_whether_it_runs_there():
    """Rules take the devices that a rule has without saying so, or name those on which they were tested."""
    named = {name for name, rule in registry.working("rule").items() if "cuda" not in rule.devices}
    assert named == {"clopath", "gated_synapse", "graupner_brunel", "odin_sdsp", "sdsp", "sdsp_stochastic", "urbanczik_senn"}
    assert shutil.which("make") is None or "cuda" in registry.get("learning_rule", "eprop").devices
