"""Replicas: the error of a score of a rule that draws random numbers, and how many replicas it takes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core.equations import assignments, equations
from brian2chip.core.protocol import Protocol
from brian2chip.core.remembered import remembered
from brian2chip.core.rule import Rule
from brian2chip.core.third_factors import factors
from brian2chip.core.user_rules import explained
from brian2chip.errors import UserError

logger = logging.getLogger(__name__)

#: Replicas of a rule that draws, where nobody says how many; parts that are left out in turn; the share of a score that its error may be.
REPLICAS, PARTS, GOOD = 20, 10, 0.05


def draws(rule: Rule) -> bool:
    """Return whether a rule draws random numbers, in its code, its equations, or for its starts of which each synapse takes one."""
    with explained(rule):
        found = [e.code for e in equations(rule.model).values() if e.code is not None]
        code = [*(path.code for path in rule.pathways), *(text for text, _ in rule.regular)]
        return any(remembered(_draws, text) for text in [*found, *(value for one in code for _, _, value in assignments(one))])


def _draws(expression: str) -> bool:
    from brian2chip.analysis.statements import RANDOM, names  # they import Brian2

    return RANDOM in names(expression)


def with_replicas(rule: Rule, protocol: Protocol, options: Mapping[str, Any], asked: bool) -> dict[str, Any]:
    """Return the options, with replicas where the rule draws random numbers and nobody said how many."""
    if protocol.replicas > 1 or not draws(rule):
        return dict(options)
    if asked:
        if options["replicas"] == 1:
            logger.warning("rule %r draws random numbers, and one run says nothing of the error; give replicas=%d.", rule.name, REPLICAS)
        return dict(options)
    return {**options, "replicas": REPLICAS}


def left_out(measured: pd.DataFrame, replicas: int, table: Callable[[pd.DataFrame], pd.DataFrame]) -> list[pd.DataFrame]:
    """Return the table of the protocol without one part of the replicas, for each part."""
    parts = min(PARTS, replicas)
    return [table(measured[measured["replica"] % parts != part]) for part in range(parts)] if parts > 1 else []


def repeated(simulate: Callable[[int], pd.DataFrame], options: Mapping[str, Any], settings: Mapping[str, Any]) -> pd.DataFrame:
    """Return the mean of a network's table over replicas, which differ in the seed, with the standard error of ``dw``."""
    tables = [simulate(settings["seed"] + k) for k in range(int(options.get("replicas", 1)))]
    if len(tables) == 1:
        return tables[0]
    settings["info"]["leave_out"] = lambda: [_mean(tables[:k] + tables[k + 1 :]) for k in range(len(tables))]
    return _mean(tables)


def _mean(tables: list[pd.DataFrame]) -> pd.DataFrame:
    numbers = tables[0].select_dtypes("number").columns
    mean = tables[0].assign(**{name: np.mean([table[name] for table in tables], axis=0) for name in numbers})
    if "dw" in mean and len(tables) > 1:
        mean["dw_sem"] = np.std([table["dw"] for table in tables], axis=0, ddof=1) / np.sqrt(len(tables))
    return mean


def check_simulated(rule: Rule, protocol: Protocol, settings: Mapping[str, Any]) -> None:
    """Refuse what a protocol that is a network of its own does not do: signals for third factors, and traces.

    Raises
    ------
    UserError
        With what to do instead.
    """
    for name in factors(rule):
        if rule.third_factors.get(name) is not None or name not in rule.initial:
            raise UserError(
                f"protocol {protocol.name!r} is a network of its own and takes no signal for the third factor {name} of rule "
                f"{rule.name!r}; give it a number, parameters={{{name!r}: ...}}."
            )
    if settings.get("recording") is not None:
        raise UserError(f"protocol {protocol.name!r} is a network of its own and records no traces; leave record out.")


def standard_errors(score: Callable[[pd.DataFrame], Mapping[str, float]], tables: list[pd.DataFrame]) -> dict[str, float]:
    """Return the standard error of each score from tables that leave out one part each (the jackknife); nothing without parts."""
    scores = [dict(score(table)) for table in tables]
    n = len(scores)
    return {name: float(np.sqrt((n - 1) * np.var([one[name] for one in scores]))) for name in scores[0]} if n else {}


def how_many(rule: Rule, scores: Mapping[str, float], errors: Mapping[str, float], replicas: int) -> str:
    """Return in one sentence how sure the score is and how many replicas it takes; nothing where it is sure enough."""
    name, value = next(iter(scores.items()))
    error = errors.get(name, 0.0)
    if not (np.isfinite(error) and value and error > GOOD * abs(value)):
        return ""
    needed = replicas * (error / (GOOD * abs(value))) ** 2
    digits = 10 ** max(0, int(np.log10(needed)) - 1)
    return (
        f"rule {rule.name!r} draws random numbers: {name} = {value:.3g} +- {error:.2g} from {replicas} replicas; an error of "
        f"{100 * GOOD:g} % takes about {int(np.ceil(needed / digits) * digits)} (replicas=, on the command line --replicas)."
    )
