"""The progress contract: a callable, True for a bar, None; anything else is refused before work."""

import numpy as np
import pytest
from tqdm.auto import tqdm

import brian2chip as bc
from brian2chip.core import progress
from brian2chip.errors import UserError

FEW = {"pairs": 3, "points": 5, "rate_hz": 50, "dt_max_ms": 9}


def test_a_callable_gets_the_fractions_as_they_are():
    seen = []
    with progress.callback(seen.append) as report:
        report(0.25)
        report(1.0)
    assert seen == [0.25, 1.0]


@pytest.mark.parametrize("nothing", [None, False])
def test_nothing_shows_nothing(nothing, capsys):
    with progress.callback(nothing) as report:
        report(0.5)
    assert capsys.readouterr() == ("", "")


def test_true_is_a_bar_that_is_closed_also_after_an_error(capsys):
    with pytest.raises(KeyboardInterrupt), progress.callback(True, "trying") as report:
        report(0.5)
        raise KeyboardInterrupt
    assert "trying" in capsys.readouterr().err
    assert not list(tqdm._instances)


def test_a_bar_ends_where_the_fraction_does(capsys):
    with progress.callback(True) as report:
        for fraction in np.linspace(0, 1, 7):
            report(fraction)
        report(0.5)  # a step back does not move it
    assert "100% |" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [1, "yes", 0.0])
def test_anything_else_is_refused(wrong):
    with pytest.raises(UserError, match="give True for a bar"), progress.callback(wrong):
        pass


def test_a_part_reports_within_its_share():
    seen = []
    third = progress.part(seen.append, 2, 4)
    third(0.0)
    third(0.5)
    third(1.0)
    assert seen == [0.5, 0.625, 0.75]


@pytest.mark.parametrize("work", ["run", "fit", "compare"])
def test_run_fit_and_compare_report_rising_fractions_up_to_one(work):
    seen = []
    if work == "run":
        bc.run("bi_poo_1998", device="numpy", progress=seen.append, **FEW)
    elif work == "fit":
        bc.fit("wang_2005", "stdp", free=["A_plus"], progress=seen.append)
    else:
        bc.compare(["stdp"], ["wang_2005"], device="numpy", progress=seen.append, processes=1)
    assert seen == sorted(seen) and seen[-1] == pytest.approx(1) and seen[0] >= 0
