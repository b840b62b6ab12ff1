"""Chip descriptions: every field over its range, and the arithmetic that is known from outside."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brian2chip.chips import codec
from brian2chip.chips.loihi import decayed, weight_value
from brian2chip.chips.xylo import shift_leak
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
    for law in filter(None, (chip.leak, chip.readout_leak)):
        f = chip.field(law.field)
        codes = np.unique(np.linspace(f.minimum, f.maximum, 257).astype(int))
        assert np.array_equal(codec.quantise(f, law.value(law.factor(codec.realise(f, codes))), rounding="nearest"), codes)


# Loihi: decay table of 410 from 2^21, impulse responses of the synaptic current (decay 2047) and of the membrane (decay 2048 under a
# current of decay 0), activation 128 (weight 64 x 2), as computed by brian2_loihi / nengo-loihi.
DECAY_410 = [2097152, 1887232, 1698324, 1528325, 1375343, 1237674, 1113785, 1002297]
CURRENT_2047 = [8192, 4096, 2048, 1024, 512, 256, 128, 64]
MEMBRANE_2048 = [8192, 12286, 14331, 15351, 15859, 16111, 16235, 16295]


def test_loihi_decay_table():
    series = [2**21]
    while len(series) < 8:
        series.append(int(decayed(series[-1], 410)))
    assert series == DECAY_410
    assert int(decayed(-(2**21), 410)) == -DECAY_410[1]


def test_loihi_impulse_responses():
    u, currents = 128 * 64, []
    for _ in range(8):
        currents.append(u)
        u = int(decayed(u, 2047, offset=1))
    assert currents == CURRENT_2047
    u, v, membrane = 128 * 64, 0, []
    for _ in range(8):
        v = int(decayed(v, 2048)) + u
        u = int(decayed(u, 0, offset=1))
        membrane.append(v)
    assert membrane == MEMBRANE_2048


def test_loihi_weights_are_multiples_of_64():
    values = weight_value(np.arange(-256, 256), exponent=-3)
    assert np.all(values % 64 == 0)
    assert weight_value(5, mixed=True) == 4 * 64 and weight_value(5, mixed=False) == 5 * 64
    assert weight_value(-255, exponent=-2) == -4032  # 254 x 16 = 4064, floored to 64 in magnitude


def test_xylo_leak_reaches_zero():
    v = np.array([1000, -1000, 3])
    for _ in range(200):
        v = shift_leak(v, 4)
    assert np.array_equal(v, [0, 0, 0])
