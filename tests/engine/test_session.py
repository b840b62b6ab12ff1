"""The engine owns Brian2's global state and gives it back; compiled programs are kept and rerun with other values."""

import subprocess
import sys

import brian2
import numpy as np
import pytest
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, Synapses, second

from brian2chip.core import brian2_internals as internals
from brian2chip.core import cache_folder
from brian2chip.engine import devices, session
from brian2chip.errors import UserError


def state():
    return (
        internals._devices.get_device(),
        list(internals._devices.previous_devices),
        dict(brian2.prefs.prefs),
        brian2.defaultclock.dt_,
        np.random.get_state()[1].tolist(),  # noqa: NPY002  (the global generator is what must not change)
        internals.Trackable.__instancefollower__.instance_sets,
    )


def decaying(s, n=4):
    group = NeuronGroup(n, "dx/dt = -x/tau : 1\ntau : second (shared, constant)", method="exact", name="decaying")
    s.input("tau", group, "tau", 10e-3)
    s.input("x", group, "x", np.arange(n))
    return group


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
def test_state_is_restored_after_success_and_after_an_exception(device):
    brian2.defaultclock.dt = 0.25 * brian2.ms
    try:
        before = state()
        with session.session(device, dt=1e-3, seed=5) as s:
            s.run(Network(decaying(s)), 0.01)
            assert brian2.defaultclock.dt_ == 1e-3
        assert state() == before
        with pytest.raises(ZeroDivisionError), session.session(device):
            raise ZeroDivisionError
        assert state() == before
    finally:
        brian2.defaultclock.dt = 0.1 * brian2.ms


def test_importing_the_package_changes_nothing_in_brian2():
    code = """
import brian2, numpy as np
device, prefs, dt, random = brian2.get_device(), dict(brian2.prefs.prefs), brian2.defaultclock.dt_, np.random.get_state()[1].tolist()
import brian2chip, brian2chip.protocols.run, brian2chip.protocols.compare, brian2chip.learning.train
assert (device, prefs, dt) == (brian2.get_device(), dict(brian2.prefs.prefs), brian2.defaultclock.dt_)
assert random == np.random.get_state()[1].tolist()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
def test_rerun_takes_new_inputs_and_durations(device):
    with session.session(device, dt=1e-3) as s:
        group = decaying(s)
        s.run(Network(group), 0.02)
        np.testing.assert_allclose(group.x[:], np.arange(4) * np.exp(-2), rtol=1e-12)
        s.execute({"tau": 20e-3, "x": [4.0, 3.0, 2.0, 1.0]}, durations=[0.04])
        np.testing.assert_allclose(group.x[:], np.arange(4, 0, -1) * np.exp(-2), rtol=1e-12)
        with pytest.raises(UserError, match="did you mean 'tau'"):
            s.execute({"taw": 1.0})


def test_a_program_is_compiled_once_whatever_its_values(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path))
    cached = []
    for tau, duration in ((5e-3, 0.01), (7e-3, 0.02)):
        with session.session("cpp_standalone", dt=1e-3) as s:
            keep = NeuronGroup(1, "y : 1")  # an object more, alive, with a name of its own
            group = decaying(s)
            s.input("tau", group, "tau", tau)
            s.run(Network(group), duration)
            np.testing.assert_allclose(group.x[1], np.exp(-duration / tau), rtol=1e-12)
            cached.append(s.timings["cached"])
            del keep
    assert cached == [False, True]
    assert len([p for p in (tmp_path / "programs").iterdir() if not p.suffix]) == 1


def test_two_processes_may_fill_the_cache_at_once(tmp_path):
    code = f"""
import os; os.environ["BRIAN2CHIP_CACHE"] = {str(tmp_path)!r}
from brian2 import NeuronGroup, Network
from brian2chip.engine.session import session
with session("cpp_standalone", dt=1e-3) as s:
    group = NeuronGroup(3, "dx/dt = -x/(5*ms) : 1", method="exact", name="group", namespace={{"ms": __import__("brian2").ms}})
    s.input("x", group, "x", 1.0)
    s.run(Network(group), 0.01)
    print(repr(float(group.x[2])))
"""
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [p.communicate()[0].strip() for p in both]
    assert [p.returncode for p in both] == [0, 0]
    assert outputs[0] == outputs[1] and float(outputs[0]) == pytest.approx(np.exp(-2))
    assert len([p for p in (tmp_path / "programs").iterdir() if not p.suffix]) == 1


def test_auto_takes_numpy_for_little_work_and_the_compiler_for_much():
    assert devices.choose_device("auto", work=1e3) == "numpy"
    assert devices.choose_device("auto", work=1e7) == "cpp_standalone"


def test_without_a_compiler_numpy_runs_and_it_is_said_once(monkeypatch, caplog):
    monkeypatch.setattr(devices, "compiler", lambda: None)
    monkeypatch.setattr(devices, "_warned", set())
    for _ in range(2):
        assert devices.choose_device("cpp_standalone") == "numpy"
    assert [r.message for r in caplog.records].count(caplog.records[0].message) == 1
    assert "no C++ compiler" in caplog.records[0].message


def test_an_unknown_device_is_refused():
    with pytest.raises(UserError, match="did you mean 'cython'"):
        devices.choose_device("cyton")


def test_progress_is_reported_and_ends_with_one():
    for device in ("numpy", "cpp_standalone"):
        seen = []
        with session.session(device, dt=1e-4, progress=seen.append) as s:
            pre = SpikeGeneratorGroup(1, [0], [0.001] * second, name="pre")
            post = NeuronGroup(1, "v : 1", name="post")
            link = Synapses(pre, post, on_pre="v_post += 1", name="link")
            link.connect(i=[0], j=[0])
            s.run(Network(pre, post, link), 0.1)
            assert post.v[0] == 1
        assert seen and seen[-1] == 1.0


def test_the_cache_lies_where_this_system_keeps_caches_unless_told(tmp_path, monkeypatch):
    monkeypatch.delenv("BRIAN2CHIP_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    if sys.platform == "linux":
        assert cache_folder.cache_directory() == tmp_path / "xdg" / "brian2chip"
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert cache_folder.cache_directory() == tmp_path / ".cache" / "brian2chip"
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path / "mine"))
    assert cache_folder.cache_directory() == tmp_path / "mine"


def test_sessions_do_not_nest():
    with session.session("numpy"), pytest.raises(UserError, match="do not nest"), session.session("numpy"):
        pass


def test_a_cython_with_which_brian2_goes_wrong_in_silence_is_refused(monkeypatch):
    Cython = pytest.importorskip("Cython")
    monkeypatch.setattr(Cython, "__version__", "3.0.12")
    monkeypatch.setattr(internals, "cython_keeps_powers_real", lambda: False)  # as in Brian2 2.5.4
    with pytest.raises(UserError, match="cython<3"):
        devices.choose_device("cython")
    monkeypatch.setattr(Cython, "__version__", "0.29.37")
    assert devices.choose_device("cython") in ("cython", "numpy")
    monkeypatch.setattr(internals, "cython_keeps_powers_real", lambda: True)
    monkeypatch.setattr(Cython, "__version__", "3.0.12")
    assert devices.choose_device("cython") in ("cython", "numpy")
