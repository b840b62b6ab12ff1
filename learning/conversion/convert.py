"""Convert a network of soft-LIF units to LIF neurons with alpha synapses, and evaluate it on samples between two times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from brian2chip import __version__
from brian2chip.analysis.spiking_efficiency import Efficiency, efficiency
from brian2chip.core import html
from brian2chip.core.progress import Progress, callback
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.core.static_samples import StaticSamples
from brian2chip.core.time_step import checked_step
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.conversion.network import levels_of, spike_samples, spiking_network
from brian2chip.learning.conversion.program import Spiking
from brian2chip.learning.layered.spec import Layer
from brian2chip.learning.layered.trained import LayeredTrained

#: Steps of a presentation at most, and samples that one start of the program runs.
LONGEST, BATCH = 100_000, 100
#: When the output is read, s.
T_C, T_P = 0.02, 0.06


@dataclass(frozen=True)
class Evaluation:
    """What a converted network answered.

    Attributes
    ----------
    error : float
        Share of samples that are answered wrongly; NaN for regression.
    readout : float array [samples, n_out]
        Mean of the output between the two times.
    counts : tuple of int arrays [samples, neurons]
        Spikes of every neuron of each hidden layer until the second time.
    t_c, t_p : float
        Seconds.
    layers : DataFrame
        One row a hidden layer: ``neurons``, ``synapses`` (onto them), ``rate_hz``.
    efficiency : Efficiency
        Beside a rate network on the same processor, by the published formula.
    """

    error: float
    readout: np.ndarray
    counts: tuple[np.ndarray, ...]
    t_c: float
    t_p: float
    layers: pd.DataFrame
    efficiency: Efficiency

    def _repr_html_(self) -> str:
        said = (
            f"read from {1e3 * self.t_c:g} to {1e3 * self.t_p:g} ms: error {100 * self.error:.2f} %, efficiency {self.efficiency.ratio:.2f}"
        )
        return html.result("a converted network", self.layers, said)


@dataclass(frozen=True)
class Converted:
    """A trained network of soft-LIF units as LIF neurons with alpha synapses.

    Attributes
    ----------
    trained : LayeredTrained
    dt : float
        Seconds of a step.
    """

    trained: LayeredTrained
    dt: float

    def network(self, samples: StaticSamples) -> SpikingNetwork:
        """Return the ordinary spiking network for inputs of so many levels as those of samples have (255 for bytes).

        It takes what :meth:`samples` returns, and its readout is summed over the steps of their mask.

        Raises
        ------
        UserError
            For a convolution whose matrix is too large, and inputs of too many levels.
        """
        levels = levels_of(samples.x)
        made = {
            "source": "soft-LIF conversion",
            "task": self.trained.task.name,
            "seed": self.trained.seed,
            "package": f"brian2chip {__version__}",
        }
        return spiking_network(self.trained.spec, dict(self.trained.state), levels, self.dt, made)

    def samples(self, samples: StaticSamples, t_c: Any = T_C, t_p: Any = T_P, like: StaticSamples | None = None) -> Samples:
        """Return static samples as the spikes that :meth:`network` takes, made for samples ``like`` these or others."""
        return spike_samples(samples, levels_of((like or samples).x), *check_window(t_c, t_p, self.dt))

    def evaluate(
        self, samples: StaticSamples, t_c: Any = T_C, t_p: Any = T_P, *, device: str = "cpp_standalone", progress: Progress = None
    ) -> Evaluation:
        """Return what the spiking network answers, its output read from t_c to t_p.

        Parameters
        ----------
        samples : StaticSamples
            Inputs of any value.
        t_c, t_p : Quantity or float
            Times; numbers are in seconds. They are rounded to steps.
        device : {"cpp_standalone", "numpy"}
        progress
            As in :func:`brian2chip.train`.

        Raises
        ------
        UserError
            Where nothing is between the two times, and for no samples.
        """
        first, last = check_window(t_c, t_p, self.dt)
        if not len(samples):
            raise UserError("no samples were given; a network is evaluated on at least one.")
        spec = replace(self.trained.spec, batch=min(BATCH, len(samples)))
        n, hidden = len(samples), spec.layers[:-1]
        y, counts = np.zeros((n, spec.n_out)), tuple(np.zeros((n, layer.units), np.min_scalar_type(last)) for layer in hidden)
        with callback(progress, "spiking") as report, session(device, dt=self.dt, dtype=np.dtype(spec.dtype).type) as s:
            program = Spiking(s, spec, self.trained.state, self.dt)
            for start in range(0, n, spec.batch):
                which = np.arange(start, start + spec.batch) % n  # what the last batch lacks is filled from the first
                y[which], spikes = program.run(samples.x[which], first, last)
                for of_layer, found in zip(counts, spikes):
                    of_layer[which] = found
                report(min(1.0, (start + spec.batch) / n))
        error = float("nan") if samples.label is None else float(np.mean(y.argmax(1) != samples.label))
        t_c, t_p = first * self.dt, last * self.dt
        layers = pd.DataFrame(
            {"layer": k + 1, "neurons": layer.units, "synapses": synapses(layer), "rate_hz": counts[k].mean() / t_p}
            for k, layer in enumerate(hidden)
        )
        onto = [synapses(layer) for layer in self.trained.spec.layers]
        return Evaluation(error, y, counts, t_c, t_p, layers, efficiency(onto, list(layers.neurons), list(layers.rate_hz), t_p, self.dt))


def check_window(t_c: Any = T_C, t_p: Any = T_P, dt: float = 1e-3) -> tuple[int, int]:
    """Return the steps after which and up to which the output is read.

    Raises
    ------
    UserError
        Where no step is between the two times, or too many are.
    """
    begin, end = (_seconds(t, name) for t, name in ((t_c, "t_c"), (t_p, "t_p")))
    first, last = (round(t / dt) for t in (begin, end))
    if not first < last:
        raise UserError(
            f"the output was to be read from {1e3 * begin:g} to {1e3 * end:g} ms in steps of {1e3 * dt:g} ms, which leaves no step; "
            "give a second time that is later."
        )
    if last > LONGEST:
        raise UserError(f"the output was to be read until {1e3 * end:g} ms, which are {last} steps; at most {LONGEST} are allowed.")
    return first, last


def _seconds(t: Any, name: str) -> float:
    """Return a time of the window, which may be 0, in seconds."""
    return 0.0 if isinstance(t, Real) and t == 0 else checked_step(t, name)


def synapses(layer: Layer) -> int:
    """Return how many synapses a layer has: each unit as many as it sees inputs."""
    return layer.weights[1] * layer.units


def convert(trained: LayeredTrained, *, dt: Any = 1e-3) -> Converted:
    """Return a trained network of soft-LIF units as a spiking network of LIF neurons with alpha synapses.

    Parameters
    ----------
    trained : LayeredTrained
        Of hidden units of the activation "soft_lif" and a linear output, behind a convolution only with average pooling.
    dt : Quantity or float
        Step; a number is in seconds.

    Raises
    ------
    UserError
        For another network.
    """
    if not isinstance(trained, LayeredTrained):
        raise UserError(f"{type(trained).__name__} was given; give what train returned with neurons='soft_lif'.")
    config = trained.task.network
    if config.activation != "soft_lif" or config.output != "linear":
        raise UserError(
            f"the network has hidden units {config.activation!r} and an output {config.output!r}, and only 'soft_lif' with "
            "'linear' is converted; train with neurons='soft_lif'."
        )
    if config.convolution is not None and config.convolution.pooling != "average":
        raise UserError("spikes cannot be pooled by their maximum; train with pooling='average'.")
    return Converted(trained, float(checked_step(dt)))
