"""A trained network or a rule on many chips of a substrate: the distribution of what comes out, as table, figure and provenance."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from brian2chip.analysis.robustness_plots import histograms
from brian2chip.core import output
from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.claims import claimed
from brian2chip.core.csv_files import GAPS, TEXT, WHOLE, read_csv
from brian2chip.core.executor import completed
from brian2chip.core.files import read_text
from brian2chip.core.identity import identity
from brian2chip.core.json_files import read_json
from brian2chip.core.progress import Progress, callback
from brian2chip.core.protocol import Protocol
from brian2chip.core.provenance import provenance
from brian2chip.core.resolve import resolve
from brian2chip.core.resolve import substrate as resolve_substrate
from brian2chip.core.rule import Rule
from brian2chip.core.samples import Samples
from brian2chip.core.seed import checked_seed
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.core.substrate import Substrate
from brian2chip.core.workers import Workers
from brian2chip.errors import UserError
from brian2chip.protocols.prepare import checked_changes, resolve_rule
from brian2chip.protocols.robustness import RuleStudy, rule_study
from brian2chip.translation.network_robustness import NetworkStudy, network_study

logger = logging.getLogger(__name__)

SETTINGS, TABLE, FIGURE = "robustness.json", "robustness.csv", "robustness.png"
#: So that the table of all stages can be read again.
MOST_CHIPS = 30_000


def robustness(
    what: SpikingNetwork | Rule | str,
    substrate: Substrate | str,
    *,
    chips: int = 100,
    test: Samples | None = None,
    calibration: Samples | None = None,
    training: Samples | None = None,
    protocol: Protocol | str | None = None,
    parameters: Mapping[str, Any] | None = None,
    vary: Sequence[str] | None = None,
    gains: Mapping[str, Sequence[str]] | None = None,
    seed: int = 1,
    device: str = "auto",
    dt: Any = None,
    out: str | os.PathLike | None = None,
    workers: int | None = None,
    progress: Progress = None,
    **options,
) -> pd.DataFrame:
    """Put a network, or a rule in a protocol, on many chips of a substrate, which run as replicas of one compiled program.

    Parameters
    ----------
    what : SpikingNetwork, Rule or str
        A network, or the path of its file; with ``protocol`` a rule, its name, or the path of a file that defines one.
    substrate : Substrate or str
        A substrate, its name, or the path of a file that defines one.
    chips : int
        How many are drawn; the first ones stay the same when more are asked for.
    test, calibration, training : Samples, optional
        For a network: what it is judged on; what each chip's gains of the projections are chosen on; what the substrate trains it on in
        the loop. Stages without samples are left out.
    protocol : Protocol or str, optional
        For a rule.
    parameters, vary, gains, dt, options
        For a rule, see :func:`brian2chip.protocols.robustness.rule_study` and :func:`brian2chip.run`.
    seed : int
        Of the chips, and of a protocol's stimuli.
    device : str
        As :func:`brian2chip.session` takes it.
    out : path, optional
        A folder for table, figure and provenance; the same call again goes on where it was stopped.
    workers : int, optional
        Worker processes; by default one a core, where there is work for several that takes longer than to start them.
    progress : callable, bool or None
        Called with the fraction done; ``True`` draws a bar.

    Returns
    -------
    DataFrame
        One row a chip and stage: ``chip``, ``stage`` (``"transfer"``, ``"calibrated"`` or ``"retuned"``, ``"in the loop"``), ``accuracy``
        (``mse`` for targets) and ``spikes`` (of a neuron in a sample) or the protocol's scores, and the gains as ``gain_...``.
        ``table.attrs["run"]`` holds what is needed to repeat it, the ideal result, and a summary.

    Raises
    ------
    UserError
        For a substrate that cannot do what is asked, an empty test set, options of the other kind, and a folder of other results.
    """
    substrate, seed = resolve_substrate(substrate), checked_seed(seed)
    if not is_whole(chips) or not 1 <= chips <= MOST_CHIPS:
        raise UserError(f"chips were given as {chips!r:.40}; give a whole number from 1 to {MOST_CHIPS}.")
    for_network = {"test": test, "calibration": calibration, "training": training}
    for_rule = {"parameters": parameters, "vary": vary, "gains": gains, "dt": dt, **options}
    if strange := [name for name, value in (for_rule if protocol is None else for_network).items() if value is not None]:
        kind = "a network" if protocol is None else "a rule in a protocol"
        raise UserError(f"{strange[0]} was given, which says nothing of {kind}; leave it out.")
    study: NetworkStudy | RuleStudy
    if protocol is None:
        if test is None:
            raise UserError("a network is judged on samples; give test= (--test), or protocol= (--protocol) for a rule.")
        network = what if isinstance(what, SpikingNetwork) else SpikingNetwork.load(what)
        study = network_study(network, substrate, test, calibration=calibration, training=training, seed=seed, device=device)
    else:
        rule = resolve_rule(what).with_parameters(**checked_changes(parameters))
        how = {"vary": vary, "gains": gains, "device": device, "seed": seed, "dt": dt}
        study = rule_study(rule, resolve(Protocol, protocol), substrate, **how, **options)
    about = {**study.about(), **_said(substrate), "seed": seed}
    if out is not None:
        out = _folder(Path(out), about)
    return _run(study, about, int(chips), out, Workers(workers), progress)


def _said(substrate: Substrate) -> dict[str, Any]:
    """Return what determines the chips: a user's file by its content."""
    parameters = {name: str(value) for name, value in substrate.parameters.items()}
    file = {} if substrate.file is None else {"substrate_file": identity(read_text(substrate.file, "substrate"))}
    return {"substrate": substrate.name, "substrate_parameters": parameters, **file}


def _run(
    study: NetworkStudy | RuleStudy, about: dict[str, Any], chips: int, out: Path | None, workers: Workers, progress: Progress
) -> pd.DataFrame:
    """Return the table of all chips, of which those that the folder holds are not computed again."""
    table = _held(out)
    missing = sorted(set(range(chips)) - set(table["chip"])) if table is not None else list(range(chips))
    pieces = [missing[first : first + study.at_once] for first in range(0, len(missing), study.at_once)]
    logger.info("%d chips in %d pieces, about %.0f MB at once", len(missing), len(pieces), study.memory / 1e6)
    with nullcontext() if out is None else claimed(out), callback(progress, f"{chips} chips of {about['substrate']}") as report:
        ideal = study.ideal()
        with closing(completed(study.rows, ((piece[0], (piece,)) for piece in pieces), len(pieces), workers, report)) as results:
            for _, rows in results:
                table = rows if table is None else pd.concat([table, rows], ignore_index=True)
                if out is not None:
                    output.write_table(out / TABLE, table)
        table = table[table["chip"] < chips].sort_values("chip", kind="stable").reset_index(drop=True)
        measures = list(ideal)
        table.attrs["run"] = {**about, "chips": chips, "memory_bytes": study.memory, "ideal": ideal, "measures": measures}
        table.attrs["run"] |= {"summary": summary(table, measures).to_dict("records"), **provenance()}
        if out is not None:
            output.write_json(out / output.MARK, table.attrs["run"])
            with output.drawing(FIGURE):
                figure = Figure(figsize=(6, 4), layout="constrained")
                plot_robustness(table, figure.subplots())
                figure.savefig(out / FIGURE, dpi=150)
    return table


def summary(table: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Return a row a stage and measure: mean, and the 5th, 50th and 95th percentile over chips."""
    rows = []
    for stage, some in table.groupby("stage", sort=False):
        for name in measures:
            low, median, high = some[name].quantile([0.05, 0.5, 0.95])
            rows.append({"stage": stage, "measure": name, "mean": some[name].mean(), "5 %": low, "50 %": median, "95 %": high})
    return pd.DataFrame(rows)


def plot_robustness(table: pd.DataFrame, ax=None):
    """Draw a table that :func:`robustness` returned as histograms, and return the axes."""
    if "measures" not in table.attrs.get("run", {}):
        raise UserError("this table does not say what it is of; give the table that brian2chip.robustness returned.")
    about = table.attrs["run"]
    ax = histograms(table, about["measures"][0], about["ideal"], ax)
    of = f"{about['rule']} on {about['protocol']}" if "rule" in about else "a network"
    note = "; of the rule, not of a circuit" if "rule" in about else ""
    ax.set_title(f"{of}, {about['chips']} chips of {about['substrate']}{note}", fontsize="medium")
    return ax


def _held(out: Path | None) -> pd.DataFrame | None:
    """Return the rows that a folder holds, or None."""
    if out is None or not (out / TABLE).exists():
        return None
    kinds = {"chip": WHOLE, "stage": TEXT}
    return read_csv(out / TABLE, "robustness", lambda head: {name: kinds.get(name, GAPS) for name in head}, inside=out)


def _folder(out: Path, about: dict[str, Any]) -> Path:
    """Return the folder of the results, made or checked.

    Raises
    ------
    UserError
        When it belongs to another study, or holds something else.
    """
    output.check_writable(out / SETTINGS)
    about = output.plain(about)
    if (out / SETTINGS).exists():
        held = read_json(out / SETTINGS, "settings", {"type": "object"}, inside=out)
        if other := [name for name in {**held, **about} if held.get(name) != about.get(name)]:
            raise UserError(f"{out} holds the results of another {other[0].replace('_', ' ')}; give the same, or another --out.")
    elif out.exists() and any(out.iterdir()):
        raise UserError(f"{out} is not empty and holds no results of this command (no {SETTINGS}); give another --out.")
    else:
        out.mkdir(parents=True, exist_ok=True)
        output.write_json(out / SETTINGS, about)
    return out
