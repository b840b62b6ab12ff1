"""Seeds are whole numbers that every generator takes."""

import numpy as np
import pytest

from brian2chip.core.seed import checked_seed
from brian2chip.errors import UserError


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, np.int64(7)])
def test_whole_numbers_in_range_are_taken(seed):
    assert checked_seed(seed) == int(seed) and type(checked_seed(seed)) is int
    np.random.RandomState(checked_seed(seed))  # noqa: NPY002  (it is the generator with the smallest range)


@pytest.mark.parametrize("seed", [-1, 2**32, 2**40, 1.0, True, None, "1", float("nan")])
def test_anything_else_is_one_sentence(seed):
    with pytest.raises(UserError, match="whole number from 0 to 4294967295"):
        checked_seed(seed)
