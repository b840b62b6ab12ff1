"""Write the pages of the reference that follow from the registry: one for each kind, with what ``brian2chip show`` prints.

    python docs/generate_reference.py [FOLDER]

Figures and scores are computed by the package; those that are newer than the file of their definition are kept.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib

from brian2chip.commands import _describe, _found
from brian2chip.core import registry
from brian2chip.errors import UserError

#: A word on each kind, above its definitions.
INTRODUCTIONS = {
    "model": "Neurons as Brian2 equations: `bc.model(NAME).neurons(n)`, or `--post NAME` in a protocol.",
    "rule": "Plasticity of single synapses: `brian2chip run PROTOCOL --rule NAME`, or `bc.rule(NAME).synapses(...)` in a network of yours. "
    "How they compare on every experiment is in the [atlas](../../results/atlas.md).",
    "learning_rule": "What the synapses of a recurrent network compute: `brian2chip train TASK --rule NAME`. "
    "More in [e-prop](../../eprop.md).",
    "layered_rule": "The line in which rules of layered networks differ: `brian2chip train digits --rule NAME`. "
    "More in [layered](../../layered.md).",
    "equilibrium_rule": "Networks that relax, and learn from the difference of two states. More in [layered](../../layered.md).",
    "protocol": "Published experiments: `brian2chip run NAME --rule RULE`.",
    "task": "What recurrent networks learn: `brian2chip train NAME`.",
    "layered_task": "What layered networks learn: `brian2chip train NAME`.",
    "chip": "Hardware as data; how networks get onto it is in [translation](../../translation.md).",
    "substrate": "Imperfect hardware as random maps; more in [substrates](../../substrates.md).",
}
#: The rule that draws a protocol's figure where the protocol names no verified score.
DRAWN_BY = {
    "bi_poo_1998": "stdp",
    "clopath_2010": "clopath",
    "clopath_2010_bursts": "clopath",
    "egger_1999": "graupner_brunel:D_prime",
    "markram_1997": "triplet:visual_cortex_nearest_minimal",
    "rodriguez_moreno_2008": "stdp",
    "sjostrom_2001_timing": "triplet:visual_cortex_all_full",
    "sjostrom_hausser_2006": "triplet:hippocampus_nearest_minimal",
}
#: The protocol that draws a rule's figure, where it is not that of Bi & Poo.
DRAWN_ON = {
    "clopath": "clopath_2010",
    "graupner_brunel": "graupner_brunel_2012",
    "odin_sdsp": "brader_2007",
    "sdsp": "brader_2007",
    "sdsp_stochastic": "brader_2007",
    "triplet": "wang_2005",
}


def write(folder: Path) -> None:
    """Write a page for each kind, the command line, and the figures; pages that stay as they are keep their time."""
    matplotlib.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    scores = folder / "scores.json"
    known = json.loads(scores.read_text(encoding="utf-8")) if scores.exists() else {}
    for kind in registry.KINDS.values():
        _put(folder / f"{kind}.md", "\n".join(_page(kind, folder, known)))
    _put(folder / "commands.md", "\n".join(_commands()))
    scores.write_text(json.dumps(known, indent=1), encoding="utf-8")


def _put(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _page(kind: str, folder: Path, known: dict[str, str]) -> Iterator[str]:
    """Yield the lines of one kind: a table of contents, then every definition."""
    catalogue, things = registry.catalogue(kind), registry.working(kind)
    yield from (f"# {registry.words(kind).capitalize()}s", "", INTRODUCTIONS[kind], "")
    yield from ("```{list-table}", ":header-rows: 1", "", "* - name", "  - what it is")
    for name in things:
        yield from (f"* - [`{name}`](#{kind}-{name.replace('_', '-')})", f"  - {_escaped(catalogue[name].summary)}")
    yield from ("```", "")
    for name, thing in things.items():
        yield from (f"({kind}-{name.replace('_', '-')})=", f"## {name}", "", _escaped(catalogue[name].summary), "")
        yield from _figure(kind, name, thing, Path(importlib.import_module(catalogue[name].module).__file__), folder, known)
        yield from ("```text", _describe.text(kind, name, _describe.describe(kind, thing)), "```", "")


def _escaped(text: str) -> str:
    return text.replace("*", r"\*").replace("_", r"\_").replace("<", "&lt;")


def _pair(kind: str, name: str, thing: Any) -> tuple[str, str] | None:
    """Return the (protocol, rule) whose figure stands beside a definition; None where there is none, or it takes minutes."""
    if kind == "protocol":
        rule = DRAWN_BY.get(name) or next(iter(thing.expected), None)
        return (name, rule) if rule and thing.atlas else None
    if kind == "rule":
        return (DRAWN_ON.get(name, "bi_poo_1998"), name)
    return None


def _figure(kind: str, name: str, thing: Any, source: Path, folder: Path, known: dict[str, str]) -> Iterator[str]:
    """Yield the figure of a rule or protocol with its score and the command that makes it."""
    pair = _pair(kind, name, thing)
    if pair is None:
        return
    picture, command = folder / f"{kind}_{name}.png", f"brian2chip run {pair[0]} --rule {pair[1]}"
    if not (picture.exists() and picture.name in known and picture.stat().st_mtime > source.stat().st_mtime):
        said = _drawn(*pair, picture)
        if said is None:
            return
        known[picture.name] = said
    yield from (f"```{{figure}} {picture.name}", f":alt: {known[picture.name]}", ":width: 560px", "")
    yield from (f"`{command}`: {_escaped(known[picture.name])}", "```", "")


def _drawn(protocol: str, rule: str, picture: Path) -> str | None:
    """Draw a rule in a protocol and return its scores in words; None where the rule does not apply."""
    from matplotlib import pyplot as plt

    from brian2chip.protocols.run import plot, run

    try:
        table = run(protocol, rule)
    except UserError:
        return None
    axes = plot(table)
    axes.figure.savefig(picture, dpi=120, bbox_inches="tight")
    plt.close("all")
    scores = table.attrs["run"]["scores"]
    return f"{rule} on {protocol}, " + ", ".join(f"{name} = {value:.3g}" for name, value in list(scores.items())[:3] if value == value)


def _commands() -> Iterator[str]:
    """Yield the page of the command line: the help of every command."""
    yield from (
        "# Command line",
        "",
        "`brian2chip COMMAND --help` prints these; `--json` prints for machines, exit code 2 is wrong input.",
        "",
    )
    for name, line in _found.commands().items():
        parser = argparse.ArgumentParser(
            prog=f"brian2chip {name}", description=line, formatter_class=lambda prog: argparse.HelpFormatter(prog, width=100)
        )
        yield from (f"## {name}", "", "```text", _found.declared(parser, name).format_help().rstrip(), "```", "")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "reference" / "generated")
