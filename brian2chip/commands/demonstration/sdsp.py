"""SDSP on its own experiment and on ODIN, beside its digital cost against pair STDP."""

from __future__ import annotations

import pandas as pd

from brian2chip.analysis import locality, render
from brian2chip.analysis.demo_page import Section
from brian2chip.analysis.page import SIZE
from brian2chip.core.registry import get
from brian2chip.protocols.run import plot, run

RULES = ("sdsp", "odin_sdsp")
OPTIONS = {"replicas": 100}


def section(seed: int) -> tuple[Section, dict[str, pd.DataFrame]]:
    """Return the section and its tables."""
    tables = {rule: run("brader_2007", rule, seed=seed, **OPTIONS) for rule in RULES}
    drawn = []
    for rule, table in tables.items():
        figure, (ax,) = render.panels(1, 1, (SIZE[0] + 0.6, SIZE[1] + 0.3))
        plot(table, ax=ax)
        ax.set_title(rule, fontsize="medium")
        drawn.append((f"probabilities of potentiation and depression by {rule} against the postsynaptic rate", figure))
    scores = tables["sdsp"].attrs["run"]["scores"]
    account = locality.account_table([get("rule", name) for name in ("odin_sdsp", "stdp")])
    section = Section(
        "SDSP, as published and on ODIN",
        f"SDSP depresses around {scores['ltd_peak_hz']:.0f} Hz of the postsynaptic neuron and potentiates around "
        f"{scores['ltp_peak_hz']:.0f} Hz, and a presynaptic spike is all that it waits for.",
        f"Brader, Senn & Fusi 2007: share of synapses that change in one presentation, {OPTIONS['replicas']} synapses a rate; odin_sdsp "
        "is the rule of the chip ODIN in whole numbers, with 3 bits of weight. Below: what each stores and computes, read from its "
        "equations, for 1,000 neurons that are all connected.",
        (render.small_multiples(drawn), render.table(_cost(account))),
    )
    return section, {f"brader_2007__{rule}": table for rule, table in tables.items()} | {"cost": account}


def _cost(account: pd.DataFrame) -> pd.DataFrame:
    """Return what a reader compares, a row a property and a column a rule."""
    operations = [name for name in account if name.endswith(("additions", "multiplications", "divisions", "exponentials", "comparisons"))]
    rows = {"memory (bytes, 32-bit numbers)": account["memory_float32_bytes"]}
    for side, words in (("pre", "a presynaptic spike"), ("post", "a postsynaptic spike"), ("period", "a regular update")):
        rows[f"operations at {words}"] = account[[name for name in operations if name.startswith(side)]].sum(axis=1)
    rows["exponentials among them"] = account[[name for name in operations if name.endswith("exponentials")]].sum(axis=1)
    rows["needs"] = account["needs"]
    return pd.DataFrame(
        {"property": list(rows)} | {rule: [column[k] for column in rows.values()] for k, rule in enumerate(account["rule"])}
    )
