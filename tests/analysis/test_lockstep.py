"""Searches side by side find what each finds alone, and ask together."""

import numpy as np
import pytest

from brian2chip.analysis.lockstep import side_by_side


def halving(x, times):
    """Return a search that asks for the square of a number and of its halves."""

    def search(ask):
        return [float(ask(np.array([[x / 2**k], [-x / 2**k]])).sum()) for k in range(times)]

    return search


def test_questions_are_answered_together_and_results_are_those_of_each_alone():
    sizes, done = [], []

    def squares(rows):
        sizes.append(len(rows))
        return rows**2

    searches = [halving(1.0, 3), halving(2.0, 1), halving(3.0, 2)]
    found = side_by_side(searches, squares, lambda: done.append(1))
    assert found == [side_by_side([search], lambda rows: rows**2)[0] for search in searches]
    assert found[1] == [8.0] and len(done) == 3  # 2**2 and (-2)**2
    assert sizes == [6, 4, 2]  # two rows of each search that still runs


@pytest.mark.parametrize("n", [1, 3])
def test_an_error_of_a_search_or_of_an_answer_ends_all(n):
    def fails(ask):
        ask(np.zeros((1, 1)))
        raise ValueError("a search")

    with pytest.raises(ValueError, match="a search"):
        side_by_side([fails, *[halving(1.0, 5)] * (n - 1)], lambda rows: rows)
    with pytest.raises(ZeroDivisionError):
        side_by_side([halving(1.0, 5)] * n, lambda rows: 1 / 0)
