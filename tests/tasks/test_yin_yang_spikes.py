"""Yin-Yang as spike times: the published points, at the steps that hxtorch's demonstration gives them."""

import numpy as np

from brian2chip.core import registry
from brian2chip.tasks.yin_yang_spikes import generate, latencies, published


def test_spike_times_are_those_of_the_demonstration():
    """t = 2 us + x * 38 us, bias at 18 us, steps of 2 us, 60 us (FACTS_DEVICES.md section 2: hxtorch, ts_05-yin_yang.rst)."""
    np.testing.assert_array_equal(latencies([[0.0, 1.0, 0.4, 0.1]]), [[1, 20, 9, 3, 9]])  # 17.2 and 5.8 us to the nearest step
    task = registry.get("task", "yin_yang_spikes")
    assert (task.n_in, task.n_out, task.n_steps, task.dt) == (5, 3, 30, 2e-6)


def test_first_samples_are_the_published_points():
    samples = published("train")
    # yinyang_reference.csv: train,42,5000,0 and 2: (0.6803, 0.4505) of class 2, (0.7554, 0.4259) of class 2
    x, y = 0.6803075385877797, 0.450499251969543
    own = samples.sample == 0
    steps = dict(zip(samples.i[own], samples.t[own]))
    assert [steps[k] for k in range(5)] == [round((2 + 38 * v) / 2) for v in (x, y, 1 - x, 1 - y)] + [9]
    assert list(samples.label[:3]) == [2, 1, 2] and len(samples) == 5000 and len(samples.t) == 25000
    assert [len(published(split)) for split in ("validation", "test")] == [1000, 1000]
    np.testing.assert_array_equal(np.bincount(samples.label), [1681, 1702, 1617])  # counts of the published set


def test_samples_are_drawn_from_a_set_and_the_seed_fixes_them():
    a, b, c = (generate(1200, np.random.default_rng(seed), split="test") for seed in (1, 1, 2))
    np.testing.assert_array_equal(a.label, b.label)
    assert not np.array_equal(a.label, c.label) and len(a) == 1200
    np.testing.assert_array_equal(np.bincount(a.take(np.arange(1000)).label), [350, 316, 334])  # the whole test set, once
