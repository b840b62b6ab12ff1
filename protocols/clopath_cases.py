"""The twelve cases of NEST's own test of Clopath's rule: six trains and two neurons, by our equations and by a live NEST."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from brian2.units import mV, second

from brian2chip.core.brian2_objects import brian2_pathways, declare
from brian2chip.core.csv_files import REAL, TEXT, read_csv
from brian2chip.core.later import brian2
from brian2chip.core.resolve import model
from brian2chip.engine.session import session
from brian2chip.errors import UserError, unknown
from brian2chip.plasticity.clopath import CLOPATH
from brian2chip.protocols.network_objects import neurons, spike_source

DATA = Path(__file__).parent / "data" / "clopath_nest.csv"
COLUMNS = {"case": TEXT, "pre_ms": TEXT, "post_ms": TEXT, "adex_clopath": REAL, "hh_clopath": REAL}
#: Seconds: NEST's grid, on which the synapse integrates.
GRID = 1e-4


@dataclass(frozen=True)
class Setting:
    """What a neuron takes in the test: code of the teacher and of the synapse, the rule's parameters, NEST's names and values.

    ``dt`` (s) is the step at which Brian2 integrates the neuron; the synapse stays on the grid.
    """

    teacher: str
    transmit: str
    rule: Mapping[str, Any]
    start: Mapping[str, float]
    dt: float
    nest: str
    nest_weight: float
    nest_parameters: Mapping[str, float]


_NEST = {"A_LTD": 14.0e-5, "A_LTP": 8.0e-5, "tau_u_bar_minus": 10.0}
SETTINGS = {
    "adex_clopath": Setting(
        teacher="v_post += 80*mV*(1 - spiking_post)",
        transmit="v_post += w*mV*(1 - spiking_post)",
        rule={},
        start={},
        dt=GRID,
        nest="aeif_psc_delta_clopath",
        nest_weight=80.0,
        nest_parameters=_NEST
        | {"V_m": -70.6, "E_L": -70.6, "V_peak": 33.0, "C_m": 281.0, "theta_minus": -70.6, "theta_plus": -45.3, "tau_u_bar_plus": 7.0}
        | {"delay_u_bars": 4.0, "a": 4.0, "b": 0.0805, "V_reset": -70.6 + 21.0, "V_clamp": 33.0, "t_clamp": 2.0, "t_ref": 0.0},
    ),
    # The filters of NEST's second neuron start at 0 mV.
    "hh_clopath": Setting(
        teacher="J_ex_post += 2000*pA*exp(1)/tau_ex_post",
        transmit="J_ex_post += w*pA*exp(1)/tau_ex_post",
        rule={"theta_minus": -64.9 * mV, "theta_plus": -35 * mV},
        start={"u_plus": 0.0, "u_minus": 0.0},
        dt=GRID / 5,
        nest="hh_psc_alpha_clopath",
        nest_weight=2000.0,
        nest_parameters=_NEST
        | {"V_m": -64.9, "C_m": 100.0, "tau_syn_ex": 0.2, "tau_syn_in": 2.0, "theta_minus": -64.9, "theta_plus": -35.0}
        | {"tau_u_bar_plus": 114.0, "delay_u_bars": 5.0},
    ),
}


def cases() -> pd.DataFrame:
    """Return the cases: ``case``, ``pre_ms`` and ``post_ms`` (arrays), and the literals of NEST's test for both neurons."""
    table = read_csv(DATA, "data", COLUMNS)
    for name in ("pre_ms", "post_ms"):
        table[name] = [np.array(text.split(), float) for text in table[name]]
    return table


def on_scale(w: np.ndarray) -> np.ndarray:
    """Return weights that began at 0.5 as NEST's test has them: percent, the change of one train times 15."""
    return 100 + 15 * 100 * (np.asarray(w) - 0.5) / 0.5


def ours(
    neuron: str, chosen: Sequence[int] | None = None, *, dt: float | None = None, device: str | None = None, **changes: Any
) -> np.ndarray:
    """Return the values of the chosen cases by the rule and a neuron of this package, on the scale of the test.

    Parameters
    ----------
    neuron : {"adex_clopath", "hh_clopath"}
    chosen : sequence of int, optional
        Rows of :func:`cases`; all by default.
    dt : float, optional
        Seconds at which the neuron is integrated, a whole part of the grid of 0.1 ms on which the synapse is.
    device : str, optional
        numpy for a neuron on the grid, ``cpp_standalone`` for a finer one, where numpy's two clocks were seen to lose potentiation.
    **changes
        Parameters of the neuron with other values.

    Raises
    ------
    UserError
        For another neuron, a parameter that it has not, and a finer neuron on another device than ``cpp_standalone``.
    """
    how, table = _setting(neuron), cases()
    table = table if chosen is None else table.iloc[list(chosen)]
    n, dt = len(table), how.dt if dt is None else dt
    device = device or ("numpy" if dt == GRID else "cpp_standalone")
    if dt != GRID and device != "cpp_standalone":
        raise UserError(f"a neuron at {1e3 * dt:g} ms beside a synapse at {1e3 * GRID:g} ms was asked for on {device}; use cpp_standalone.")
    fine = replace(model(neuron).with_parameters(**changes), dt=dt)
    rule = replace(
        CLOPATH.with_parameters(**how.rule),
        model=CLOPATH.model + "\nw_seen : 1",
        on_pre={"learn": CLOPATH.on_pre + "\nw_seen = w", "transmit": how.transmit},
        delay={"transmit": (2 * GRID - dt) * second},  # a spike arrives at the end of the second grid step, the teacher of the first
    )
    i = [np.repeat(np.arange(n), [len(t) for t in table[name]]) for name in ("pre_ms", "post_ms")]
    t = [np.concatenate(list(table[name])) * 1e-3 for name in ("pre_ms", "post_ms")]
    with session(device, dt=dt, seed=1) as s:
        post = neurons(s, fine, n)
        pre = spike_source(n, i[0], t[0], dt, "pre")
        source = spike_source(n, i[1], t[1] + GRID - dt, dt, "teacher")
        plastic = brian2.Synapses(
            pre, post, rule.model + "\n" + declare(rule.parameters), **brian2_pathways(rule), dt=GRID * second, name="plastic", namespace={}
        )
        plastic.connect(j="i")
        teacher = brian2.Synapses(source, post, on_pre=how.teacher, name="teach", namespace={})
        teacher.connect(j="i")
        for name, value in {**rule.parameters, **rule.initial}.items():
            setattr(plastic, name, value)
        for name, value in how.start.items():
            setattr(post, f"{name}_", value)
        s.result(plastic, "w_seen")
        s.run(brian2.Network(pre, post, source, plastic, teacher), float(max(t[0])) + 10 * GRID)
        return on_scale(s.read("plastic.w_seen"))


def nests(neuron: str, chosen: Sequence[int] | None = None, *, nest: Any, **changes: float) -> np.ndarray:
    """Return the values of the chosen cases by a live NEST, on the scale of its test.

    Parameters
    ----------
    neuron : {"adex_clopath", "hh_clopath"}
    chosen : sequence of int, optional
    nest : module
        PyNEST.
    **changes
        Of NEST's neuron, by NEST's names and in its units.
    """
    how, table, found = _setting(neuron), cases(), []
    for row in (table if chosen is None else table.iloc[list(chosen)]).itertuples():
        nest.ResetKernel()
        nest.resolution = 1e3 * GRID
        cell = nest.Create(how.nest, 1, {**how.nest_parameters, **changes})
        parrot, recorder = nest.Create("parrot_neuron"), nest.Create("weight_recorder")
        pre, post = (nest.Create("spike_generator", 1, {"spike_times": list(times)}) for times in (row.pre_ms, row.post_ms))
        nest.CopyModel("clopath_synapse", "recorded", {"weight_recorder": recorder})
        nest.Connect(pre, parrot, syn_spec={"delay": 1e3 * GRID})
        nest.Connect(post, cell, syn_spec={"delay": 1e3 * GRID, "weight": how.nest_weight})
        nest.Connect(parrot, cell, syn_spec={"synapse_model": "recorded", "weight": 0.5, "delay": 1e3 * GRID})
        nest.Simulate(10.0 + max(row.pre_ms[-1], row.post_ms[-1]))
        found.append(recorder.events["weights"][-1])
    return on_scale(np.array(found))


def _setting(neuron: str) -> Setting:
    if neuron not in SETTINGS:
        raise unknown("neuron of NEST's test called", neuron, SETTINGS)
    return SETTINGS[neuron]
