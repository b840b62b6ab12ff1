"""Partial DO_EPROP together with a regulariser: traces of the RTL (tests/golden/reckon_partial), every array equal, no tolerance."""

import json
from pathlib import Path

import numpy as np
import pytest
import reckon_oracle

from brian2chip.chips.reckon.replay import INPUTS, OUTPUTS, open_replay

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "reckon_partial").glob("*.npz"))


@pytest.fixture(scope="module")
def replayed():
    with open_replay() as run:
        traces = {path.stem: dict(np.load(path)) for path in GOLDEN}
        given = {name: {k: trace[k] for k in (*INPUTS, "target", "mem_idx") if k in trace} for name, trace in traces.items()}
        return {name: (trace, run(given[name])) for name, trace in traces.items()}


def same(name, trace, got):
    if name == "lfsr_final_json":
        return json.loads(str(trace[name])) == json.loads(str(got))
    if name == "tick_cycles":
        valid = trace["tick_cycles_valid"] == 1
        return trace[name].shape == got.shape and np.array_equal(trace[name][valid], got[valid])
    return np.array_equal(trace[name], got)


@pytest.mark.parametrize("name", [path.stem for path in GOLDEN])
def test_replay_is_exact(replayed, name):
    trace, got = replayed[name]
    compared = [output for output in OUTPUTS if output in trace]
    assert len(compared) >= 14 and [output for output in compared if not same(output, trace, got[output])] == []


def test_the_traces_are_what_they_are_there_for(replayed):
    """DO_EPROP 1 to 6 with a regulariser; weights that do not learn in a sample stay, and in each trace some that learn change."""
    seen = set()
    for trace, got in replayed.values():
        assert json.loads(str(trace["config_json"]))["SPI_REGUL_MODE"]
        seen |= set(trace["sample_do_eprop"].tolist())
        crc = np.asarray(got["weights_crc32"])
        changed = crc[1:] != crc[:-1]  # [samples, memories], from the second sample on
        learns = trace["sample_do_eprop"][1:, None] >> np.arange(3) & 1 == 1
        assert not np.any(changed & ~learns)
        finals = (got[f"{name}_final"] for name in ("winp", "wrec", "wout"))
        starts = (trace[f"{name}_init"] for name in ("winp", "wrec", "wout"))
        assert any(np.any(final[: start.shape[0], : start.shape[1]] != start) for final, start in zip(finals, starts))
    assert seen >= {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("name", [path.stem for path in GOLDEN[:2]])
def test_the_oracle_agrees(replayed, name):
    trace, _ = replayed[name]
    chip = reckon_oracle.run(trace)
    for block, values in chip.blocks().items():
        assert np.array_equal(values, trace[f"{block}_final"])
