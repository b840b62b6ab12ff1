"""Loops of independent elements: what is marked, what is not, and the same bits as without."""

import numpy as np
import pytest
from brian2 import Network, NeuronGroup
from own_loop import needs_our_loop

from brian2chip.core.brian2_run_code import RunCode
from brian2chip.engine import compiler, independent, session
from brian2chip.engine.functions.links import refer

UPDATE = RunCode("update", "defaultclock", "stateupdate", "", "", {}, frozenset({"asr"}))
THRESHOLD = RunCode("threshold", "defaultclock", "threshold", "", "", {})


def loop(*lines):
    return "\n".join(["    for(int _idx=0; _idx<_N; _idx++)", "    {", *(f"        {line}" for line in lines), "    }", "", "}", ""])


OWN = ("const double a = _ptr_array_g_a[_idx];", "double b;", "b = _clip(a, 0, 1)*int_(a > 0) + asr(2, 1);", "_ptr_array_g_b[_idx] = b;")


def test_elements_that_use_their_own_values_are_independent():
    text = independent.with_independent_elements(loop(*OWN), UPDATE)
    assert text.replace(independent.INDEPENDENT, "    ", 1).replace("        for", "    for") and text.count("ivdep") == 1


@pytest.mark.parametrize(
    "line",
    [
        "_ptr_array_g_b[other] = b;",  # written for another element
        "b += _ptr_array_g_b[other];",  # read of what another element writes
        "_ptr_array_g_b[0] = b;",
        "b = exp(a);",  # another last bit for several at once
        "b = _brian_pow(a, 2.5);",
        "b = _rand(_vectorisation_idx);",  # a state
        "b = counted(a);",
        "b = _ptr_array_g_c[_ptr_array_g_d[_idx]];",  # an index that is not understood
    ],
)
def test_what_may_depend_on_another_element_stays(line):
    text = loop(*OWN, line)
    assert independent.with_independent_elements(text, UPDATE) == text


@pytest.mark.parametrize("code", [THRESHOLD, RunCode("r", "c", "reset", "", "", {}), RunCode("f", "c", "stateupdate", "", "", {})])
def test_other_code_stays(code):
    assert independent.with_independent_elements(loop(*OWN), code) == loop(*OWN)  # the last knows no function asr
    assert independent.with_independent_elements("int x;\n", UPDATE) == "int x;\n"


ROW = ("const int32_t cell = _ptr_array_g_cell[_idx];", "const int32_t word = _ptr_array_g_word[_idx];", "_ptr_array_m_x[cell] = word;")


def test_a_row_is_written_at_once_where_its_index_counts_up():
    text = independent.with_independent_elements(loop(*ROW), UPDATE)
    assert "const int32_t cell = b2c_first + _idx;" in text and text.count("ivdep") == 1 and text.count("_ptr_array_m_x[cell]") == 2
    other = loop(*ROW, "double y = _ptr_array_m_x[_idx];")
    assert independent.with_independent_elements(other, UPDATE) == other


SEARCH = """    for(size_t _idx=0; _idx<N; _idx++)
    {
        const double v = _ptr_array_g_v[_idx];
        const char _cond = v > 1;

        if(_cond) {
            _ptr_array_g__spikespace[_count++] = _idx;
        }
    }
    _ptr_array_g__spikespace[N] = _count;

}
"""


def test_a_threshold_looks_at_blocks():
    text = independent.with_independent_elements(SEARCH, THRESHOLD)
    assert text.count("b2c_any |= _cond;") == 1 and text.count("_spikespace[_count++]") == 1 and text.endswith("[N] = _count;\n\n}\n")
    drawn = SEARCH.replace("v > 1", "_rand(_idx) > v")
    assert independent.with_independent_elements(drawn, THRESHOLD) == drawn


def computed(directory):
    """Run neurons with noise, a threshold that few reach, and a row of a table that moves; return everything that they computed."""
    with session.session("cpp_standalone", directory=directory, dt=1e-3, seed=2, compile_args=["-O2", "-ftree-vectorize"]) as s:
        table = NeuronGroup(150 * 7, "x : integer", name="table")
        equations = "v : 1\na : 1\nb : 1\nn : integer\ncell : integer\nrow : integer (shared)\nodd : integer (shared)"
        g = NeuronGroup(150, equations, threshold="v > 1.2", reset="v = 0\nn += 1", name="g")
        refer(g, table, "x", "cell")
        g.run_regularly("row = (row + 1) % 6\nodd = int(row == 3)", when="start")
        g.run_regularly("cell = 150*row + i + odd*(150 - 2*i)", when="start", order=1)  # in one of six steps backwards
        g.run_regularly("v = clip(0.9*v + 0.3*rand(), 0, 10)\nb = a/3", when="start", order=2)
        g.run_regularly("a = 0.7*a + v*v + int(v > 1)\nn = n % 17 + 1", when="groups")
        g.run_regularly("x = 2*x + n", when="end")
        s.run(Network(g, table), 0.05)
        return {name: np.array(getattr(group, name)[:]) for group, name in ((g, "v"), (g, "a"), (g, "b"), (g, "n"), (table, "x"))}


@needs_our_loop
@pytest.mark.skipif(compiler.compiler() is None, reason="needs a C++ compiler")
def test_the_same_bits(tmp_path, monkeypatch):
    ours = computed(tmp_path / "ours")
    text = "".join(path.read_text() for path in (tmp_path / "ours" / "code_objects").glob("*.cpp"))
    assert text.count("ivdep") >= 4 and text.count("int b2c_any") == 1 and text.count("const int32_t cell = b2c_first") == 1
    monkeypatch.setattr(independent, "with_independent_elements", lambda text, code: text)
    plain = computed(tmp_path / "plain")
    assert 0 < (plain["v"] == 0).sum() < 150 and len(np.unique(plain["x"])) > 20
    for name, value in plain.items():
        assert ours[name].tobytes() == value.tobytes(), name
