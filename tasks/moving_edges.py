"""Moving edges: a bar moves over an event camera in one of eight directions for a second; which one? Only the order of events tells."""

from __future__ import annotations

import numpy as np

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig
from brian2chip.tasks.event_camera import crossings

#: Pixels a side of the camera, pixels a side of an input, directions, ticks, seconds of a tick, and ticks from frame to frame.
SIDE, POOL, N_OUT, N_STEPS, DT, FRAME = 16, 2, 8, 200, 5e-3, 2
CELLS = SIDE // POOL
N_IN = 2 * CELLS**2
MASK = np.arange(N_STEPS) >= 60
#: Change of the logarithm of the brightness between events, pixels over which an edge is blurred, and noise events of an input a second.
THRESHOLD, BLUR, NOISE = 0.25, 0.7, 1.0
#: Ranges that are drawn from: pixels a second, width in pixels, brightness of the bar relative to its ground (or the inverse), and by how
#: much a direction differs from its class.
SPEEDS, WIDTHS, CONTRASTS, JITTER = (40.0, 80.0), (2.0, 5.0), (2.0, 4.0), np.pi / 18
AT_ONCE = 64


def brightness(direction, speed, width, contrast, phase) -> np.ndarray:
    """Return the logarithm of the brightness [frames, samples, pixels] of bars (arrays [samples, 1]) that leave and enter again."""
    y, x = (axis.ravel() - (SIDE - 1) / 2 for axis in np.mgrid[:SIDE, :SIDE])
    along = np.cos(direction) * x + np.sin(direction) * y
    way = np.sqrt(2) * SIDE + 2 * WIDTHS[1]
    moved = phase * way + speed * DT * np.arange(0, N_STEPS + 1, FRAME)[:, None, None]
    behind = (moved - along + way / 2) % way - way / 2
    edges = (np.tanh((behind + side * width / 2) / BLUR) for side in (1, -1))
    return np.log1p((contrast - 1) * (next(edges) - next(edges)) / 2)


def generate(n: int, rng: np.random.Generator, *, split: str = "train", data=None) -> Samples:
    """Return n bars of random direction, speed, width, contrast and start; ON events are the first half of the inputs."""
    return Samples.join([_some(min(AT_ONCE, n - first), rng) for first in range(0, n, AT_ONCE)])


def _some(n: int, rng: np.random.Generator) -> Samples:
    label = rng.integers(0, N_OUT, n)
    direction = 2 * np.pi / N_OUT * label + rng.uniform(-JITTER, JITTER, n)
    speed, width = rng.uniform(*SPEEDS, n), rng.uniform(*WIDTHS, n)
    contrast = rng.uniform(*CONTRASTS, n) ** rng.choice([-1, 1], n)
    columns = (values[:, None] for values in (direction, speed, width, contrast, rng.random(n)))
    time, at, brighter = crossings(brightness(*columns).reshape(N_STEPS // FRAME + 1, -1), THRESHOLD)
    sample, pixel = np.divmod(at, SIDE**2)
    y, x = np.divmod(pixel, SIDE)
    x_in = rng.random((n, N_STEPS, N_IN)) < NOISE * DT
    step = np.minimum((FRAME * time).astype(int), N_STEPS - 1)
    x_in[sample, step, (1 - brighter) * CELLS**2 + y // POOL * CELLS + x // POOL] = True
    return Samples.from_dense(x_in, MASK, label=label)


MOVING_EDGES = Task(
    name="moving_edges",
    source="a generated task of this package, with the ticks and the length of DVS gestures on ReckOn (Frenkel & Indiveri 2022, ISSCC)",
    kind="classification",
    n_in=N_IN,
    n_out=N_OUT,
    n_steps=N_STEPS,
    dt=DT,
    mask=MASK,
    generate=generate,
    network=NetworkConfig(n_lif=128, tau_m=60e-3, tau_out=200e-3, v_th=0.6, gamma=0.5, width=0.6, std_in=0.3, std_rec=0.5),
    training=TrainingConfig(rule="eprop_events", broadcast="symmetric", rate=2e-3, halve_after=200, batch=50, c_reg=10.0, f_target=15.0),
)
