"""Protocols of tests whose points share no network, because they are networks of their own; a module that workers import."""

import pandas as pd

from brian2chip.core.protocol import Protocol
from brian2chip.errors import UserError


def conditions(options):
    return pd.DataFrame({"k": [0]})


def simulate(rule, conditions, options, settings):
    a = float(rule.parameters["A_plus"])
    if a > 0.5:
        raise ZeroDivisionError("a is too large") if a > 0.9 else UserError(f"a is {a:g}")
    return conditions.assign(dw=a * options["gain"] + settings["seed"])


def score(table):
    return {"dw": table["dw"][0]}


SLOW = Protocol(
    name="slow",
    source="this test",
    conditions=conditions,
    stimulate=None,
    simulate=simulate,
    score=score,
    plot=None,
    options={"gain": 1.0},
)
