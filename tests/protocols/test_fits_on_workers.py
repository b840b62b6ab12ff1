"""Fits from many starts of a rule whose parameter sets share no network: searched from in worker processes, to the same values."""

import own
import pytest

import brian2chip as bc
from brian2chip.core import executor

pytest.importorskip("distributed", reason="workers are processes of distributed (pip install 'brian2chip[sweep]')")
PAIRED = own.pairings([10.0, -10.0], data_dw=[0.3, -0.2])
#: It counts its synapses (there is one), so that none may share its neurons.
ALONE = own.rule(on_pre="w += A*N_incoming", on_post="w -= B*w", parameters={"A": 0.2, "B": 0.1})


@pytest.mark.slow  # searches for a minute
def test_workers_find_what_one_process_finds(monkeypatch):
    how = {"free": ["A"], "starts": 3, "device": "numpy"}
    jobs, real = [], executor.completed

    def counted(job, given, total, *rest):
        jobs.append(total)
        return real(job, given, total, *rest)

    monkeypatch.setattr(executor, "completed", counted)
    one = bc.fit(PAIRED, ALONE, workers=1, **how)
    assert jobs == []
    two = bc.fit(PAIRED, ALONE, workers=2, **how)
    assert jobs == [3] and (two.values, two.rms, two.standard_errors) == (one.values, one.rms, one.standard_errors)
