"""Does the chip do what the network did: spikes, rates, decisions and accuracy, float against realised float against emulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis.spike_trains import dense, first_divergence, rates, silent_and_saturated, van_rossum
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.translation.reference_simulator import float_run


@dataclass(frozen=True)
class Behaviour:
    """What the same samples did before and after.

    Attributes
    ----------
    runs : dict of str to NetworkRun
        ``"float"`` (the network as given), ``"realised"`` (its realised values in floating point) and, where there is one,
        ``"chip"`` (the emulator).
    decisions : dict of str to int array [samples]
        The answers of each run.
    accuracy : dict of str to float
        Share of samples answered right, for each run; empty without labels.
    agreement : float
        Share of samples with the same answer in float and on the chip (realised, without emulator).
    spikes : DataFrame
        One row a spiking population.
    operations : float
        Synapses that the spikes of a sample reach, mean over samples, as the network connects them.
    """

    runs: Mapping[str, NetworkRun]
    decisions: Mapping[str, np.ndarray]
    accuracy: Mapping[str, float]
    agreement: float
    spikes: pd.DataFrame
    operations: float

    @property
    def last(self) -> str:
        """The run nearest to the chip."""
        return "chip" if "chip" in self.runs else "realised"

    def summary(self) -> dict[str, Any]:
        """Return the numbers as plain values."""
        cycles = self.runs[self.last].cycles
        return {
            "samples": self.runs["float"].n_samples,
            "accuracy": dict(self.accuracy),
            "agreement": self.agreement,
            "operations": self.operations,
            "cycles": None if cycles is None else float(cycles.mean()),
            "spikes": self.spikes.to_dict("records"),
        }


def in_words(summary: Mapping[str, Any]) -> str:
    """Return one line of what :meth:`Behaviour.summary` returned."""
    accuracy = ", ".join(f"{name} {value:.2%}" for name, value in summary["accuracy"].items())
    same = f"same answer {summary['agreement']:.2%}; accuracy {accuracy or 'unknown (no labels)'}"
    return f"behaviour on {summary['samples']} samples: {same}"


def outputs(network: SpikingNetwork) -> list[str]:
    """Return the populations that nothing follows."""
    sources = {c.source for c in network.projections if c.source != c.target}
    return [p.name for p in network.populations if p.kind != "input" and p.name not in sources]


def decisions(network: SpikingNetwork, run: NetworkRun, mask: np.ndarray) -> np.ndarray:
    """Return the class of every sample: the largest summed readout, or the most spikes, in the masked steps; a chip's own label.

    Ties go to the lowest class, as on the chips.
    """
    if run.label is not None:
        return np.asarray(run.label)
    name = outputs(network)[-1]
    if name in run.readout:
        return run.readout[name][:, mask].sum(axis=1).argmax(axis=1)
    return counts(run, name, network.population(name).size, mask).argmax(axis=1)


def counts(run: NetworkRun, name: str, size: int, mask: np.ndarray) -> np.ndarray:
    """Return the spikes of every neuron in the masked steps, [samples, size]."""
    sample, t, i = run.spikes[name]
    keep = mask[t]
    return np.bincount(sample[keep] * size + i[keep], minlength=run.n_samples * size).reshape(run.n_samples, size)


def behaviour_of(
    network: SpikingNetwork,
    realised: SpikingNetwork,
    samples: Samples,
    emulate: Callable[[Samples], NetworkRun] | None = None,
    *,
    device: str = "auto",
) -> Behaviour:
    """Run samples in floating point, with realised values, and on the emulated chip where there is one."""
    runs = {"float": float_run(network, samples, device=device), "realised": float_run(realised, samples, device=device)}
    if emulate is not None:
        runs["chip"] = emulate(samples)
    answers = {name: decisions(network, run, samples.mask) for name, run in runs.items()}
    last = "chip" if "chip" in runs else "realised"
    labels = samples.label
    accuracy = {} if labels is None else {name: float(np.mean(a == labels)) for name, a in answers.items()}
    table = pd.DataFrame(
        [_compared(network, p.name, runs["float"], runs[last]) for p in network.populations if p.name in runs["float"].spikes]
    )
    return Behaviour(
        runs, answers, accuracy, float(np.mean(answers["float"] == answers[last])), table, _operations(network, samples, runs[last])
    )


def _operations(network: SpikingNetwork, samples: Samples, run: NetworkRun) -> float:
    fan_out = {
        p.name: np.sum([np.zeros(p.size)] + [np.count_nonzero(c.weight, axis=1) for c in network.projections if c.source == p.name], axis=0)
        for p in network.populations
    }
    arriving = np.concatenate([fan_out[p.name] for p in network.populations if p.kind == "input"])[samples.i].sum()
    return float(arriving + sum(fan_out[name][i].sum() for name, (_, _, i) in run.spikes.items())) / max(run.n_samples, 1)


#: Samples from which distances are taken; all samples would need their dense spike trains in memory at once.
COMPARED = 64


def _compared(network: SpikingNetwork, name: str, a: NetworkRun, b: NetworkRun) -> dict:
    """Return one row: rates before and after, first divergence, distance, silent and saturated neurons."""
    size, dt, n = network.population(name).size, network.dt, min(a.n_samples, COMPARED)
    cut = lambda run: tuple(x[run.spikes[name][0] < n] for x in run.spikes[name])  # noqa: E731
    before, after = (dense(cut(run), n, run.n_steps, size) for run in (a, b))
    first = first_divergence(before, after)
    tau = 0.02
    silent_before, saturated_before = silent_and_saturated(before)
    silent, saturated = silent_and_saturated(after)
    return {
        "population": name,
        "rate_before_hz": float(rates(before, dt).mean()),
        "rate_after_hz": float(rates(after, dt).mean()),
        "same_samples": int(np.sum(first < 0)),
        "compared_samples": n,
        "first_divergence_step": int(np.median(first[first >= 0])) if np.any(first >= 0) else -1,
        "van_rossum_20ms": float(van_rossum(before, after, dt, tau).mean()),
        "van_rossum_against_silence": float(van_rossum(before, np.zeros_like(before), dt, tau).mean()),
        "silent_before": int(silent_before.sum()),
        "silent_after": int(silent.sum()),
        "saturated_before": int(saturated_before.sum()),
        "saturated_after": int(saturated.sum()),
    }
