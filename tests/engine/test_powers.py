"""Powers with a parameter as exponent: what is changed in the C++, and the same bits as Brian2's own."""

import numpy as np
import pytest
from brian2 import Network, SpikeGeneratorGroup, Synapses, ms
from brian2.codegen.generators.cpp_generator import pow_support_code
from own_loop import needs_our_loop

from brian2chip.engine import compiler, powers, session


def test_the_macro_is_the_one_that_brian2_writes():
    assert powers.POWER in pow_support_code
    used = pow_support_code + "w = _brian_pow(w, mu);\n"
    assert "b2c_power((x), (y))" in powers.with_quick_powers(used)
    assert powers.with_quick_powers(pow_support_code) == pow_support_code  # code without a power


def powered(directory, base, exponent):
    """Return base**exponent and base**2 of every synapse, computed where a spike arrives."""
    with session.session("cpp_standalone", directory=directory, dt=1e-3) as s:
        source = SpikeGeneratorGroup(1, [0], [1] * ms, name="source")
        synapses = Synapses(source, source, "x : 1\nn : 1\np : 1\nq : 1", on_pre="p = x**n\nq = x**2", multisynaptic_index="k", name="s")
        synapses.connect(i=0, j=0, n=len(base))
        s.input("x", synapses, "x", base)
        s.input("n", synapses, "n", exponent)
        s.run(Network(source, synapses), 3e-3)
        return np.array(synapses.p), np.array(synapses.q)


@needs_our_loop
@pytest.mark.skipif(compiler.compiler() is None, reason="needs a C++ compiler")
def test_powers_have_the_bits_of_the_library(tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    special = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, 1e308, -2.5]
    base = np.tile([*special, *rng.normal(size=990)], 6)
    exponent = np.repeat([0.0, 1.0, 0.4, -1.0, 2.0, np.nan], 1000)
    ours = powered(tmp_path / "ours", base, exponent)
    assert "b2c_power" in "".join(path.read_text() for path in (tmp_path / "ours" / "code_objects").glob("joined*.cpp"))
    monkeypatch.setattr(powers, "with_quick_powers", lambda text: text)
    plain = powered(tmp_path / "plain", base, exponent)
    assert "b2c_power" not in "".join(path.read_text() for path in (tmp_path / "plain" / "code_objects").glob("joined*.cpp"))
    assert (ours[0][:1000] == 1).all() and (ours[0][1000:2000] == base[1000:2000]).sum() == 999  # all but the NaN
    for mine, theirs in zip(ours, plain):
        assert mine.tobytes() == theirs.tobytes()
