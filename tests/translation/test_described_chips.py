"""Chip descriptions: every field over its range, every leak law over its codes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brian2chip.chips import codec
from brian2chip.core.registry import catalogue, get
from brian2chip.errors import UserError

CHIPS = sorted(catalogue("chip"))
EVERY_FIELD = [(chip, f.name) for chip in CHIPS for f in get("chip", chip).fields]


@pytest.mark.parametrize("chip, name", EVERY_FIELD)
def test_every_field_round_trips_over_its_range(chip, name):
    f = get("chip", chip).field(name)

    @given(st.lists(st.integers(f.minimum, f.maximum), min_size=1, max_size=8))
    def round_trip(codes):
        codes = np.array([f.minimum, *codes, f.maximum], object if f.bits > 63 else None)
        if f.bits <= 53:  # ReckOn's ALPHA_CONF, 128 bits, is a mask of bits: it has codes, no value that a float could hold
            assert np.array_equal(codec.quantise(f, codec.realise(f, codes), rounding="nearest"), codes)
        alone = [f] if f.word else [f.__class__(**{**f.__dict__, "lsb": 0})]
        assert np.array_equal(codec.unpack(alone, codec.pack(alone, {f.name: codes}))[f.name], codes)

    round_trip()
    for outside in (f.minimum - 1, f.maximum + 1):
        with pytest.raises(UserError, match=f.name):
            codec.check(f, outside, chip)


@pytest.mark.parametrize("chip", CHIPS)
def test_leak_codes_give_back_their_factor(chip):
    chip = get("chip", chip)
    for law in filter(None, (chip.leak, chip.readout_leak, chip.current_leak)):
        f = chip.field(law.field)
        codes = np.unique(np.linspace(f.minimum, f.maximum, 257).astype(int))
        assert np.array_equal(codec.quantise(f, law.value(law.factor(codec.realise(f, codes))), rounding="nearest"), codes)
