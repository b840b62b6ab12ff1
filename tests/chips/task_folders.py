"""Bench folders of the size of a chip's task: digits that ODIN learns, digits on tinyODIN, a 40-100-2 network on ReckOn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from brian2chip.chips.odin import events as ev
from brian2chip.chips.odin import teaching
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.mapping import INTERFACE
from brian2chip.chips.odin_family import bench
from brian2chip.chips.odin_family.play import Play
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.translation.translate import translate

OUTPUTS = np.arange(10)


def digits(n):
    """Return n images of scikit-learn's 8 x 8 digits and their labels."""
    data = pytest.importorskip("sklearn.datasets", reason="needs scikit-learn, extra [digits]").load_digits()
    return data.images[:n].reshape(n, 64), data.target[:n]


def lessons(n):
    """Return the events by which ODIN learns n digits, sample by sample, and the labels: bright pixels in rank order, then the teacher."""
    images, labels = digits(n)
    order = np.argsort(-images, axis=1, kind="stable")[:, :12]
    taught = [teaching.lesson(pixels, pixels[:6], label, OUTPUTS, 49, 217) for pixels, label in zip(order, labels)]
    return [ev.checked(events) for events in taught], labels


def play_of(taught, labels, first=0):
    rows = taught[first:]
    sample = np.repeat(np.arange(len(rows)), [len(events) for events in rows])
    return Play(np.concatenate(rows), sample, np.zeros(len(sample), int), len(rows), np.asarray(labels[first:]), channels=64)


def learner():
    """Return an ODIN of 64 inputs and 10 neurons that learn, from middling weights."""
    synapses = np.zeros((256, 256), np.uint8)
    synapses[:64, :10] = 8 + np.random.default_rng(0).integers(2, 6, (64, 10))
    return replace(Configuration.blank(), synapses=synapses).with_neurons(OUTPUTS, **teaching.NEURON, ca_en=1)


def odin_digits(root: Path) -> Path:
    """Write the folder of an ODIN that learns five digits."""
    taught, labels = lessons(5)
    bench.write(INTERFACE, root / "odin", learner(), {"digits": (0, 10)}, play_of(taught, labels))
    return root / "odin"


def tinyodin_digits(root: Path) -> Path:
    """Write the folder of four digits on tinyODIN, whose weights are mean images."""
    images, labels = digits(40)
    templates = np.stack([images[labels == k].mean(axis=0) for k in range(10)], axis=1) - images.mean(axis=0)[:, None]
    x = np.zeros((4, 64, 64), bool)  # a pixel a step, the brightest first
    for s, image in enumerate(images[:4]):
        bright = np.argsort(-image, kind="stable")[:20]
        x[s, np.arange(20), bright] = True
    net = SpikingNetwork(
        (Population("pixels", "input", 64), Population("digits", "if", 10, {"v_threshold": 12.0, "reset": "zero"})),
        (Projection("pixels", "digits", templates, 0),),
        1e-3,
    )
    test = Samples.from_dense(x, np.ones(64, bool), label=labels[:4])
    translate(net, "tinyodin", test=test, device="numpy").write(root / "tiny")
    return root / "tiny" / "chip"


def reckon_40_100_2(root: Path) -> Path:
    """Write the folder of a random 40-100-2 network on ReckOn, with three samples."""
    rng = np.random.default_rng(2)
    hidden, out = {"tau_m": 20e-3, "v_threshold": 1.0}, {"tau_m": 20e-3}
    net = SpikingNetwork(
        (Population("cues", "input", 40), Population("hidden", "lif", 100, hidden), Population("out", "li", 2, out)),
        (
            Projection("cues", "hidden", rng.normal(0.05, 0.25, (40, 100)), 0),
            Projection("hidden", "hidden", rng.normal(0, 0.1, (100, 100)), 1),
            Projection("hidden", "out", rng.normal(0, 1, (100, 2)), 0),
        ),
        1e-3,
    )
    test = Samples.from_dense(rng.random((3, 30, 40)) < 0.1, np.arange(30) >= 20, label=np.array([0, 1, 1]))
    translate(net, "reckon", test=test, device="numpy").write(root / "reckon")
    return root / "reckon" / "chip"


#: What writes the folder of each chip below a directory, and returns where it is.
WRITERS = {"odin": odin_digits, "tinyodin": tinyodin_digits, "reckon": reckon_40_100_2}
