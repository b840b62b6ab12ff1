"""Run a rule through a protocol, and fit its parameters to the protocol's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core import registry, user_rules
from brian2chip.core.protocol import Protocol
from brian2chip.core.provenance import provenance
from brian2chip.core.quantities import unit_name
from brian2chip.core.rule import Rule
from brian2chip.engine import genn
from brian2chip.engine.devices import DEVICES
from brian2chip.errors import UserError, unknown
from brian2chip.protocols import paired_synapses


def resolve_protocol(protocol: Protocol | str) -> Protocol:
    """Return a Protocol from itself or its name."""
    if isinstance(protocol, Protocol):
        return protocol
    if protocol not in registry.catalogue("protocol") and protocol in registry.catalogue("task"):
        raise UserError(f"{protocol!r} is a learning task, not a plasticity protocol; use: brian2chip train {protocol}.")
    return registry.get("protocol", protocol)


def checked_options(protocol: Protocol, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the protocol's options with the given ones, each converted to the type of its default."""
    options = dict(protocol.options) | ({"replicas": protocol.replicas} if protocol.replicas > 1 else {})
    for name, value in given.items():
        if name not in options:
            raise unknown(f"option of protocol {protocol.name!r} called", name, options)
        kind = type(options[name])
        try:
            converted = kind(float(value)) if kind is int else kind(value)
        except (TypeError, ValueError):
            raise UserError(f"option {name} of {protocol.name!r} must be {kind.__name__}, not {value!r}.") from None
        if kind in (int, float) and not (np.isfinite(converted) and converted > 0):
            raise UserError(f"option {name} of {protocol.name!r} must be a positive number, not {value!r}.")
        options[name] = converted
    return options


def relative_change(conditions: pd.DataFrame, measured: pd.DataFrame, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the conditions with ``w_start``, ``w_end`` (means over replicas and starting states) and ``dw``, their relative change."""
    mean = measured.groupby("condition")[["w_start", "w_end"]].mean()
    table = conditions.join(mean)
    return table.assign(dw=(table["w_end"] - table["w_start"]) / table["w_start"])


def _check_can_be_paired(rule: Rule) -> None:
    """Refuse a rule whose neuron cannot be made to fire at prescribed times, which every protocol does."""
    if rule.post is None:
        return
    if rule.post not in registry.catalogue("model") or registry.get("model", rule.post).teacher is None:
        raise UserError(
            f"rule {rule.name!r} learns with neuron {rule.post!r}, which a protocol cannot make fire at prescribed times; "
            "put it to a learning task instead: brian2chip train."
        )


def _grid_dt(rule: Rule, protocol: Protocol, dt: float | None) -> float:
    """Return the step: the protocol's grid, or finer where a model's voltage is integrated as well."""
    if dt is not None:
        return dt
    return protocol.dt if rule.post is None else min(protocol.dt, registry.get("model", rule.post).dt)


@contextmanager
def _prepared(rule: Rule, protocol: Protocol, options, settings, runs: int = 1) -> Iterator[Callable[..., pd.DataFrame]]:
    """Yield ``evaluate(**changes)``, which returns the protocol's table with some of the rule's parameters changed."""
    conditions = protocol.conditions(options).reset_index(drop=True)
    if protocol.simulate is not None:
        yield lambda **changes: protocol.simulate(rule.with_parameters(**changes), conditions, options, settings)
        return
    rng = np.random.default_rng(settings["seed"])
    replicas = int(options.get("replicas", 1))
    rows = conditions.to_dict("records")
    stimuli = [protocol.stimulate(row, options, rng) for row in rows for _ in range(replicas)]
    last = max(max(np.max(x, initial=0.0) for x in pair) for pair in stimuli)
    with paired_synapses.prepared(
        rule,
        stimuli,
        duration=float(options.get("duration_s", last + 0.1)),
        dt=settings["dt"],
        device=settings["device"],
        seed=settings["seed"],
        progress=settings["progress"],
        runs=runs,
    ) as (evaluate, session):
        reduce = protocol.reduce or relative_change

        def table(**changes):
            measured = evaluate(**changes)
            measured = measured.assign(condition=measured["stimulus"] // replicas, replica=measured["stimulus"] % replicas)
            return reduce(conditions, measured, options)

        settings["info"].update(device=session.device, timings=session.timings)
        yield table


def run(
    protocol: Protocol | str,
    rule: Rule | str = "stdp",
    *,
    parameters: Mapping[str, Any] | None = None,
    device: str = "auto",
    seed: int = 1,
    dt: float | None = None,
    progress: Callable[[float], None] | None = None,
    **options,
) -> pd.DataFrame:
    """Put a rule through a protocol and score it against the published data.

    Parameters
    ----------
    protocol : Protocol or str
    rule : Rule or str
        A rule, its name (``"triplet:hippocampus_all_full"``), or the path of a file that defines one.
    parameters : mapping, optional
        Parameters of the rule to change, with units, e.g. ``{"tau_plus": 20*ms}``.
    device : {"auto", "numpy", "cython", "cpp_standalone", "genn"}
    seed : int
        Of the stimuli (drawn in NumPy, the same on every device) and of Brian2.
    dt : float, optional
        Seconds; the protocol's grid by default.
    progress : callable, optional
        Called with the fraction done.
    **options
        Options of the protocol.

    Returns
    -------
    DataFrame
        One row a condition: its description, ``dw``, and the data. ``table.attrs["run"]`` holds what is needed to repeat it
        and the scores.

    Raises
    ------
    UserError
        For an unknown name, a wrong unit, a value out of bounds, or a rule that Brian2 cannot run.
    """
    protocol, rule = resolve_protocol(protocol), user_rules.resolve(rule)
    rule = rule.with_parameters(**(parameters or {}))
    chosen = checked_options(protocol, options)
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    if device == "genn":
        genn.refuse(rule, protocol)
    if device not in ("auto", *rule.devices):
        raise UserError(f"rule {rule.name!r} does not run on {device}; use one of {', '.join(rule.devices)}.")
    _check_can_be_paired(rule)
    info: dict[str, Any] = {}
    settings = {"device": device, "seed": int(seed), "dt": _grid_dt(rule, protocol, dt), "progress": progress, "info": info}
    with _prepared(rule, protocol, chosen, settings) as evaluate:
        table = evaluate()
    scores = protocol.score(table)
    table.attrs["run"] = {
        "protocol": protocol.name,
        "rule": rule.name,
        "rule_file": rule.file,
        "scores": scores,
        "parameters": {k: str(v) for k, v in rule.parameters.items()},
        "equations": {"model": rule.model, "on_pre": rule.on_pre, "on_post": rule.on_post},
        "options": chosen,
        "seed": int(seed),
        "dt_s": settings["dt"],
        "device_asked": device,
        **info,
        **provenance(),
    }
    return table


def plot(table: pd.DataFrame, ax=None):
    """Draw a table that :func:`run` returned, over its data; returns the matplotlib axes."""
    if "run" not in table.attrs:
        raise UserError("this table does not say which protocol it is from; give the table that brian2chip.run returned.")
    about = table.attrs["run"]
    ax = resolve_protocol(about["protocol"]).plot(table, ax=ax)
    name, value = next(iter(about["scores"].items()))
    ax.set_title(f"{about['rule']} on {about['protocol']}: {name} = {value:.3g}", fontsize="medium")
    return ax


def fit(
    protocol: Protocol | str,
    rule: Rule | str,
    *,
    free: list[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    device: str = "auto",
    seed: int = 1,
    progress: Callable[[float], None] | None = None,
    **options,
):
    """Fit a rule's parameters to a protocol's data by least squares, with confidence intervals.

    Parameters
    ----------
    protocol, rule, device, seed, options
        As in :func:`run`.
    free : list of str, optional
        Parameters to fit; by default the amplitudes, i.e. the dimensionless parameters whose name begins with ``A``.
    parameters : mapping, optional
        Values of the parameters that are held, and starting values of the free ones.

    Returns
    -------
    brian2chip.analysis.fit.Fit
    """
    from brian2chip.analysis.fit import fit_parameters  # keeps scipy.optimize off the path of run

    protocol, rule = resolve_protocol(protocol), user_rules.resolve(rule).with_parameters(**(parameters or {}))
    chosen = checked_options(protocol, options)
    _check_can_be_paired(rule)
    free = [p for p in rule.parameters if p.startswith("A")] if free is None else list(free)
    if not free:
        raise UserError(f"name the parameters of {rule.name!r} to fit with --free; it has {', '.join(rule.parameters)}.")
    for name in free:
        if name not in rule.parameters:
            raise unknown(f"parameter of {rule.name!r} called", name, rule.parameters)
    units = [rule.parameters[n] / paired_synapses.si(rule.parameters[n]) if unit_name(rule.parameters[n])[0] != "1" else 1.0 for n in free]
    dt = _grid_dt(rule, protocol, None)
    settings = {"device": device, "seed": int(seed), "dt": dt, "progress": None, "info": {}}

    def residuals(vector: np.ndarray) -> np.ndarray:
        """Return the residuals in standard errors (plain differences where the data have none)."""
        table = evaluate(**{n: v * u for n, v, u in zip(free, vector, units)})
        data = table[table["data_used"] if "data_used" in table else table["data_dw"].notna()]
        return ((data["dw"] - data["data_dw"]) / data["data_sem"].fillna(1.0)).to_numpy()

    bounds = [tuple(None if b is None else paired_synapses.si(b) for b in rule.bounds.get(n, (None, None))) for n in free]
    start = [paired_synapses.si(rule.parameters[n]) for n in free]
    with _prepared(rule, protocol, chosen, settings, runs=20 * len(free)) as evaluate:
        return fit_parameters(residuals, free, start, bounds, progress=progress)
