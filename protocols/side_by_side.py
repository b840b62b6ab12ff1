"""Many rules through many protocols: those that differ in values alone run together, in worker processes where these can be given them."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from brian2chip.core.executor import run_all
from brian2chip.core.progress import part
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.core.workers import Workers
from brian2chip.errors import UserError
from brian2chip.protocols.parameter_sets import alike
from brian2chip.protocols.replicas import draws
from brian2chip.protocols.run import checked_run, run, run_alike


def several(given: Any) -> list:
    """Return what was given as a list: one name or definition is a list of itself."""
    return [given] if isinstance(given, str | Rule | Protocol) else list(given)


def check_names(rules: list[Rule], protocols: list[Protocol]) -> None:
    """Refuse two rules, or two protocols, of one name, and none at all.

    Raises
    ------
    UserError
        With the name.
    """
    for what, names in (("rules", [rule.name for rule in rules]), ("protocols", [protocol.name for protocol in protocols])):
        double = next((n for n in names if names.count(n) > 1), None)
        if double is not None:
            raise UserError(f"two of the {what} are called {double!r}; give each a name of its own, e.g. with dataclasses.replace.")
    if not rules or not protocols:
        raise UserError("there is nothing to compare; name at least one rule and one protocol.")


def grouped(pairs: Iterable[tuple[Protocol, Rule]]) -> dict[Hashable, tuple[Protocol, list[Rule]]]:
    """Return each protocol with the rules that may go through it as parameter sets of one program.

    A rule that draws random numbers is alone, as it would draw others beside another rule; so is a rule in a protocol that is a network
    of its own, where runs come one after the other.
    """
    groups: dict[Hashable, tuple[Protocol, list[Rule]]] = {}
    for protocol, rule in pairs:
        # An oracle may be a function of a file that a worker process cannot import; runs do not use it.
        groups.setdefault((protocol.name, rule.name if protocol.simulate is not None else _kind(rule)), (protocol, []))[1].append(
            replace(rule, oracle=None)
        )
    return groups


def _kind(rule: Rule) -> Any:
    """Return what rules have in common that run together; a rule that cannot be read is alone."""
    try:
        return rule.name if draws(rule) else alike(rule)
    except Exception:  # its run says what is wrong with it
        return rule.name


def run_jobs(job: Callable, jobs: Mapping[Hashable, tuple], workers: Workers, report: Callable[[float], None]) -> dict[Hashable, Any]:
    """Return what ``job`` gives for each tuple of arguments, a protocol first.

    Where the functions of a protocol are those of a script or a notebook, which another process cannot import, its jobs run in this one.
    """
    sent = {key: arguments for key, arguments in jobs.items() if _can_be_sent(arguments[0])}
    share = len(sent) / max(1, len(jobs))
    found = run_all(job, sent, workers, lambda fraction: report(share * fraction)) if sent else {}
    for key, arguments in jobs.items():
        if key not in found:
            found[key] = job(*arguments, report=part(report, len(found), len(jobs)))
            report(len(found) / len(jobs))
    return {key: found[key] for key in jobs}


def _can_be_sent(protocol: Protocol) -> bool:
    try:
        pickle.dumps(protocol)
    except (pickle.PicklingError, AttributeError, TypeError, ImportError):
        return False
    return True


def run_together(
    protocol: Protocol, rules: list[Rule], device: str, seed: int, dt: float | None = None, caught: type[Exception] = UserError
) -> list[pd.DataFrame | Exception]:
    """Return the table of each of several rules that are alike, as :func:`brian2chip.run` gives it, or what its run raised.

    Parameters
    ----------
    dt : float, optional
        The step in seconds; the protocol's by default.
    caught : type
        Errors that become an answer; others are raised.
    """
    if len(rules) > 1 and device != "genn":
        try:
            ready, (checked, *_), (options, *_) = zip(*(checked_run(protocol, rule, device, seed, {}, dt) for rule in rules))
            return list(run_alike(protocol, ready, options, device=device, seed=checked, dt=dt, progress=None))
        except caught:
            pass  # of one of them at least; it is found below
    return [_single(protocol, rule, device, seed, dt, caught) for rule in rules]


def _single(protocol: Protocol, rule: Rule, device: str, seed: int, dt: float | None, caught: type[Exception]) -> pd.DataFrame | Exception:
    try:
        return run(protocol, rule, device=device, seed=seed, dt=dt)
    except caught as error:
        return error
