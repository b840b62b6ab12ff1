"""A network on many chips of a substrate: accuracy and spikes after transfer, after calibration of gains, after training in the loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.identity import identity
from brian2chip.core.progress import silent
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.core.substrate import Substrate
from brian2chip.errors import UserError
from brian2chip.translation.evaluate import outputs
from brian2chip.translation.on_chip import jittered, on_chip
from brian2chip.translation.reference_network import levels
from brian2chip.translation.reference_simulator import check_channels
from brian2chip.translation.replica_network import kind_of
from brian2chip.translation.replicas import ReplicaRun, at_once, replicated

TRANSFER, CALIBRATED, TRAINED = "transfer", "calibrated", "in the loop"
#: Gains that calibration tries, from a half to twice.
FACTORS = tuple(2.0 ** (k / 3) for k in (0, -1, 1, -2, 2, -3, 3))
#: Bytes by which a process grows with a synapse, about.
BYTES_PER_SYNAPSE = 100


@dataclass(frozen=True)
class NetworkStudy:
    """A network with samples on chips of a substrate.

    Attributes
    ----------
    network : SpikingNetwork
    substrate : Substrate
    test : Samples
        What accuracy is taken on.
    calibration : Samples or None
        Labelled samples on which each chip's gains are chosen.
    training : Samples or None
        Labelled samples for the substrate's training in the loop.
    seed : int
        Of the chips.
    device : str
    """

    network: SpikingNetwork
    substrate: Substrate
    test: Samples
    calibration: Samples | None = None
    training: Samples | None = None
    seed: int = 1
    device: str = "auto"

    @property
    def at_once(self) -> int:
        """Chips of one piece, after which the table is written."""
        together = at_once(self.network)
        return together * -(-25 // together)

    @property
    def memory(self) -> int:
        """Bytes that the replicas of one start of the program take, about."""
        return at_once(self.network) * sum(np.size(c.weight) for c in self.network.projections) * BYTES_PER_SYNAPSE

    @property
    def gains(self) -> tuple[str, ...]:
        """Projections whose common factor calibration chooses: not that of a readout which nothing else reaches, whose answer it leaves."""
        into = [c.target for c in self.network.projections]
        free = [self.network.population(c.target).kind != "li" or into.count(c.target) > 1 for c in self.network.projections]
        return tuple(name for name, chosen in zip(self.network.weights(), free) if chosen)

    def about(self) -> dict[str, Any]:
        """Return what determines the rows, but for the chips."""
        sets = {"test": self.test, "calibration": self.calibration, "training": self.training}
        contents = {
            name: None if samples is None else {"samples": len(samples), "hash": identity(samples)} for name, samples in sets.items()
        }
        return {"network": identity(self.network.populations, self.network.projections, self.network.dt), **contents}

    def ideal(self) -> dict[str, float]:
        """Return what the network itself does."""
        with replicated(self.network, self.test, 1, device=self.device) as run:
            return {name: float(value[0]) for name, value in self._measures(run([self.network], self.test), self.test).items()}

    def rows(self, chips: Sequence[int], report: Callable[[float], None] = silent) -> pd.DataFrame:
        """Return a row a chip and stage: ``chip``, ``stage``, ``accuracy`` (or ``mse``), ``spikes``, and a ``gain_...`` each."""
        drawn = [ChipInstance(self.substrate, k, self.seed) for k in chips]
        nets = [on_chip(self.network, chip) for chip in drawn]
        trained = self._trained(drawn, report)
        tables, own = [], self.substrate.jitter is not None
        size = min(at_once(self.network), len(drawn) * (1 if self.calibration is None else len(FACTORS)))
        with replicated(self.network, self.test, size, own_inputs=own, device=self.device) as run:
            ones = np.ones((len(drawn), len(self.gains)))
            tables.append(self._table(TRANSFER, chips, run(nets, self.test, self._inputs(self.test, drawn)), ones))
            report(0.6 if trained else 0.2)
            if self.calibration is not None:
                gains = self._calibrated(run, drawn, nets)
                tuned = [self._with_gains(net, each) for net, each in zip(nets, gains)]
                tables.append(self._table(CALIBRATED, chips, run(tuned, self.test, self._inputs(self.test, drawn)), gains))
            if trained:
                tables.append(self._table(TRAINED, chips, run(trained, self.test, self._inputs(self.test, drawn)), ones))
        return pd.concat(tables, ignore_index=True)

    def _trained(self, drawn: Sequence[ChipInstance], report: Callable[[float], None]) -> list[SpikingNetwork]:
        """Return the networks that the substrate trained in the loop, as their chips realise them; none where it does not train."""
        if self.substrate.train is None or self.training is None:
            return []
        trained = self.substrate.train(self.network, self.training, list(drawn), lambda fraction: report(fraction / 2))
        if len(trained) != len(drawn):
            raise UserError(
                f"train of substrate {self.substrate.name!r} returned {len(trained)} networks for {len(drawn)} chips; one each."
            )
        return [on_chip(network, chip, write=1) for network, chip in zip(trained, drawn)]

    def _inputs(self, samples: Samples, drawn: Sequence[ChipInstance], each: int = 1) -> list[Samples] | None:
        """Return the samples of every chip, ``each`` times, where its spikes jitter."""
        if self.substrate.jitter is None:
            return None
        return [one for chip in drawn for one in [jittered(samples, chip, self.network.dt)] * each]

    def _calibrated(self, run: Callable[..., ReplicaRun], drawn: Sequence[ChipInstance], nets: Sequence[SpikingNetwork]) -> np.ndarray:
        """Return the gains [chips, projections] that are best on the calibration samples, one projection after another.

        All chips with all factors are run together; of factors that are equally good the one nearest to 1 is taken.
        """
        gains = np.ones((len(nets), len(self.gains)))
        inputs = self._inputs(self.calibration, drawn, len(FACTORS))
        for k in range(len(self.gains)):
            trials = np.repeat(gains[:, None], len(FACTORS), axis=1)
            trials[:, :, k] = FACTORS
            tried = [self._with_gains(net, each) for net, some in zip(nets, trials) for each in some]
            measures = self._measures(run(tried, self.calibration, inputs), self.calibration)
            worth = measures["accuracy"] if "accuracy" in measures else -measures["mse"]
            gains[:, k] = np.array(FACTORS)[worth.reshape(len(nets), -1).argmax(axis=1)]
        return gains

    def _with_gains(self, net: SpikingNetwork, gains: np.ndarray) -> SpikingNetwork:
        factor = dict(zip(self.gains, gains))
        return net.with_weights({name: w * factor.get(name, 1.0) for name, w in net.weights().items()})

    def _measures(self, ran: ReplicaRun, samples: Samples) -> dict[str, np.ndarray]:
        """Return accuracy or mean squared error, and mean spikes of a neuron in a sample, of every network."""
        if samples.target is None:
            found = {"accuracy": np.mean(ran.score.argmax(axis=2) == samples.label, axis=1)}
        else:
            found = {"mse": ran.score.sum(axis=(1, 2)) / (len(samples) * samples.mask.sum() * samples.target.shape[2])}
        total = sum(each.sum(axis=1) for each in ran.spikes.values())
        neurons = sum(each.shape[1] for each in ran.spikes.values())
        return found | {"spikes": total / max(1, neurons * len(samples)) + np.zeros(len(ran.score))}

    def _table(self, stage: str, chips: Sequence[int], ran: ReplicaRun, gains: np.ndarray) -> pd.DataFrame:
        chosen = {f"gain_{name}": gains[:, k] for k, name in enumerate(self.gains)}
        return pd.DataFrame({"chip": list(chips), "stage": stage, **self._measures(ran, self.test), **chosen})


def network_study(
    network: SpikingNetwork,
    substrate: Substrate,
    test: Samples,
    *,
    calibration: Samples | None = None,
    training: Samples | None = None,
    seed: int = 1,
    device: str = "auto",
) -> NetworkStudy:
    """Return a network with samples on chips of a substrate, checked.

    Raises
    ------
    UserError
        For samples that are empty, have other channels or targets than the network, or belong to no stage; and for a substrate that trains
        alone.
    """
    substrate.needs("a network", "weights", "mismatch", "jitter")
    levels(network)
    for what, samples in (("test", test), ("calibration", calibration), ("training", training)):
        if samples is None:
            continue
        if not len(samples):
            raise UserError(f"the {what} set is empty; give at least one sample.")
        check_channels(network, samples)
        kind_of(network, samples)
        size = network.population(outputs(network)[-1]).size
        if samples.label is not None and samples.label.max() >= size:
            raise UserError(
                f"the {what} set has the label {samples.label.max()}, and the network {size} outputs; give labels below {size}."
            )
    if not test.mask.any():
        raise UserError("no step of the test set counts: its mask is False everywhere; give a mask with at least one step.")
    if training is not None and substrate.train is None:
        substrate.needs("training in the loop", "train")
    return NetworkStudy(network, substrate, test, calibration, training, seed, device)
