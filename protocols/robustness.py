"""A rule on many chips of a substrate: its score in a protocol with each chip's parameters, before and after a few gains are retuned."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis.gains import fitted_gains
from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.identity import identity
from brian2chip.core.progress import silent
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.core.substrate import Substrate
from brian2chip.core.units import Quantity
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.fit import data_points
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.parameter_sets import ParameterSets
from brian2chip.protocols.prepare import Prepared, conditions_of, grid_dt, prepared
from brian2chip.protocols.run import checked_run, scores_of
from brian2chip.protocols.starting_weights import kept_within

#: Gains that are retuned where the rule has such amplitudes, and nothing else is asked for.
AMPLITUDES = {"LTP": re.compile(r"A\w*_plus"), "LTD": re.compile(r"A\w*_minus")}
#: Bytes by which a process grows with a synapse, about.
BYTES_PER_SYNAPSE = 500
TRANSFER, RETUNED = "transfer", "retuned"


@dataclass(frozen=True)
class RuleStudy:
    """A rule in a protocol on chips of a substrate.

    Attributes
    ----------
    rule : Rule
    protocol : Protocol
    substrate : Substrate
    vary : tuple of str
        Parameters that the substrate changes.
    gains : mapping of str to sequence of str
        What is retuned: gains by name, each the common factor of some parameters.
    options : mapping
        Of the protocol.
    settings : mapping
        Device, seed and step.
    """

    rule: Rule
    protocol: Protocol
    substrate: Substrate
    vary: tuple[str, ...]
    gains: Mapping[str, tuple[str, ...]]
    options: Mapping[str, Any]
    settings: Mapping[str, Any]

    #: Chips of one piece, after which the table is written.
    at_once = 1000

    def drawn(self, chips: Sequence[int]) -> dict[str, np.ndarray]:
        """Return the values of every varied parameter [chips] in SI.

        Raises
        ------
        UserError
            For a chip whose value the rule does not allow.
        """
        each = [ChipInstance(self.substrate, k, self.settings["seed"]) for k in chips]
        values = {}
        for name in self.vary:
            ideal = si(self.rule.parameters[name])
            values[name] = np.array([chip.parameter(self.rule.name, name, ideal) for chip in each])
            low, high = (None if end is None else si(end) for end in self.rule.bounds.get(name, (None, None)))
            outside = (values[name] < (-np.inf if low is None else low)) | (values[name] > (np.inf if high is None else high))
            if outside.any():
                k = int(np.argmax(outside))
                raise UserError(
                    f"chip {chips[k]} of substrate {self.substrate.name!r} has {name} = {values[name][k]:g}, which rule {self.rule.name!r} "
                    f"keeps from {'minus infinity' if low is None else f'{low:g}'} to {'infinity' if high is None else f'{high:g}'} (SI); "
                    f"take a smaller spread, or leave {name} out of what varies."
                )
        return values

    @property
    def memory(self) -> int:
        """Bytes that the synapses of one start of the program take, about."""
        return self.at_once * (1 + len(self.gains)) * len(conditions_of(self.protocol, self.options)) * BYTES_PER_SYNAPSE

    def about(self) -> dict[str, Any]:
        """Return what determines the rows, but for the chips."""
        rule = self.rule
        parameters = {name: si(value) for name, value in rule.parameters.items()}
        code = identity(rule.model, str(rule.pathways), str(rule.initial), rule.weight)
        varied = {"vary": list(self.vary), "gains": {name: list(names) for name, names in self.gains.items()}}
        settings = {"protocol": self.protocol.name, "options": dict(self.options), "dt_s": self.settings["dt"]}
        return {"rule": rule.name, "equations": code, "parameters": parameters, **settings, **varied}

    def ideal(self) -> dict[str, float]:
        """Return the scores of the rule itself."""
        with self._prepared(1) as ready:
            return scores_of(self.protocol, next(iter(ready.tables(ParameterSets(self.rule)))))

    def rows(self, chips: Sequence[int], report: Callable[[float], None] = silent) -> pd.DataFrame:
        """Return a row a chip and stage: ``chip``, ``stage``, the scores, and a gain each as ``gain_NAME``."""
        values, n = self.drawn(chips), len(chips)
        with self._prepared(n * (1 + len(self.gains))) as ready:
            ones = np.ones((n, len(self.gains)))
            tables = [self._table(ready, chips, values, ones, TRANSFER)]
            report(0.2)
            if self.gains:
                gains = fitted_gains(self._residuals(ready, values), n, len(self.gains))
                tables.append(self._table(ready, chips, values, gains, RETUNED))
        return pd.concat(tables, ignore_index=True)

    def _prepared(self, sets: int):
        settings = {**self.settings, "progress": None, "info": {}}
        return prepared(self.rule, self.protocol, self.options, settings, runs=10, sets=sets)

    def _sets(self, values: Mapping[str, np.ndarray], gains: np.ndarray) -> ParameterSets:
        """Return parameter sets: the chips' values, or the rule's where nothing varies, times the gains [sets, gains]."""
        columns = dict(values)
        for k, names in enumerate(self.gains.values()):
            for name in names:
                columns[name] = columns.get(name, si(self.rule.parameters[name])) * gains[:, k]
        return ParameterSets(self.rule, {name: np.asarray(value)[:, None] for name, value in columns.items()}, len(gains))

    def _table(
        self, ready: Prepared, chips: Sequence[int], values: Mapping[str, np.ndarray], gains: np.ndarray, stage: str
    ) -> pd.DataFrame:
        found = [scores_of(self.protocol, table) for table in ready.tables(self._sets(values, gains))]
        retuned = {f"gain_{name}": gains[:, k] for k, name in enumerate(self.gains)}
        return pd.DataFrame({"chip": list(chips), "stage": stage}).join(pd.DataFrame(found)).assign(**retuned)

    def _residuals(self, ready: Prepared, values: Mapping[str, np.ndarray]) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
        """Return what :func:`fitted_gains` minimises: changes minus data, in standard errors where they are known."""
        data, sem, _ = data_points(self.protocol, conditions_of(self.protocol, self.options), list(self.gains))

        def residuals(chips: np.ndarray, gains: np.ndarray) -> np.ndarray:
            some = {name: value[chips] for name, value in values.items()}
            return (ready.changes(self._sets(some, gains))[:, data.index] - data.to_numpy()) / sem.to_numpy()

        return residuals


def rule_study(
    rule: Rule,
    protocol: Protocol,
    substrate: Substrate,
    *,
    vary: Sequence[str] | None = None,
    gains: Mapping[str, Sequence[str]] | None = None,
    device: str = "auto",
    seed: int = 1,
    dt: Quantity | float | None = None,
    **options,
) -> RuleStudy:
    """Return a rule in a protocol on chips of a substrate, checked.

    Parameters
    ----------
    rule, protocol, substrate
    vary : sequence of str, optional
        The parameters that differ between chips; all but limits of the weight and switches (bounds 0 and 1, and at one of them) by default.
    gains : mapping of str to sequence of str, optional
        What is retuned by least squares on the protocol's data, each a common factor of some parameters. By default ``"LTP"`` of the
        parameters ``A..._plus`` and ``"LTD"`` of ``A..._minus``, where the rule has such and the protocol has data; none: ``{}``.
    device, seed, dt, options
        As in :func:`brian2chip.run`; the seed is that of the chips too.

    Raises
    ------
    UserError
        For a substrate that does not change parameters, unknown parameters, and what :func:`brian2chip.run` refuses.
    """
    substrate.needs(f"rule {rule.name!r} in a protocol", "mismatch")
    if device == "genn":
        raise UserError("chips do not run together on genn, which takes parameters as constants; choose another device.")
    asked = vary, gains
    vary = _varied(rule) if vary is None else tuple(vary)
    gains = _amplitudes(rule) if gains is None else {name: tuple(parameters) for name, parameters in gains.items()}
    for name in (*vary, *(one for names in gains.values() for one in names)):
        if name not in rule.parameters:
            raise unknown(f"parameter of {rule.name!r} called", name, rule.parameters)
    if not vary:
        raise UserError(f"no parameter of rule {rule.name!r} was named to differ between chips; name at least one.")
    driven, seed, chosen = checked_run(protocol, rule, device, seed, options, dt)
    conditions = conditions_of(protocol, chosen)
    if asked[1] is None and not _has_data(protocol, conditions):
        gains = {}
    if gains:
        data_points(protocol, conditions, list(gains))
    settings = {"device": device, "seed": seed, "dt": grid_dt(rule, protocol, dt)}
    return RuleStudy(driven, protocol, substrate, vary, gains, chosen, settings)


def _has_data(protocol: Protocol, conditions: pd.DataFrame) -> bool:
    return protocol.simulate is None and "data_dw" in conditions and bool(conditions["data_dw"].notna().any())


def _varied(rule: Rule) -> tuple[str, ...]:
    limits = {end for _, low, high in kept_within(rule) for end in (low, high)}
    switches = {name for name, bounds in rule.bounds.items() if [si(b) if b is not None else b for b in bounds] == [0, 1]}
    at_an_end = {name for name in switches if si(rule.parameters[name]) in (0, 1)}
    return tuple(name for name in rule.parameters if name not in limits | at_an_end)


def _amplitudes(rule: Rule) -> dict[str, tuple[str, ...]]:
    found = {gain: tuple(name for name in rule.parameters if pattern.fullmatch(name)) for gain, pattern in AMPLITUDES.items()}
    return {gain: names for gain, names in found.items() if names}
