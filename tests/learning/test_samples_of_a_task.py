"""Drawing samples: how many at once, and what a task's own function must return."""

from dataclasses import replace

import numpy as np
import pytest
import tiny

from brian2chip.errors import UserError
from brian2chip.learning.tasks import LARGEST, samples_of
from brian2chip.learning.train import train


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "3", 2**40])
def test_how_many_are_drawn_at_once(n):
    with pytest.raises(UserError, match="samples of task 'tiny' were asked for at once; give a whole number from 1 to"):
        samples_of(tiny.task(), n, np.random.default_rng(0))


def test_what_a_task_draws_must_be_samples():
    def no_memory(*_, **__):
        raise MemoryError

    assert len(samples_of(tiny.task(), 2, np.random.default_rng(0))) == 2
    with pytest.raises(UserError, match="draws NoneType"):
        samples_of(replace(tiny.task(), generate=lambda *_, **__: None), 2, np.random.default_rng(0))
    with pytest.raises(UserError, match="do not fit into memory"):
        samples_of(replace(tiny.task(), generate=no_memory), 2, np.random.default_rng(0))


def test_a_batch_that_memory_cannot_hold_is_refused_before_a_network_is_built():
    with pytest.raises(UserError, match=f"to {LARGEST // (tiny.T * tiny.N_IN)}"):
        train(tiny.task(batch=10**12))
