"""A chip's fields are the only truth: change bits, scale, unit or rounding of one in a copy of the chip, and translation follows."""

from dataclasses import replace

import numpy as np
import pytest
from translation_networks import integrators

from brian2chip.chips.chip import Chip
from brian2chip.chips.field import MEMBRANE
from brian2chip.core.registry import get
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.translation.translate import translate


def changed(chip: str, field: str, **changes) -> Chip:
    """Return a chip with one field changed."""
    chip = get("chip", chip)
    return replace(chip, fields=tuple(replace(f, **changes) if f.name == field else f for f in chip.fields))


def network(weight=(0.3, 0.6, 0.9), threshold=2.05, kind="lif", **parameters):
    weight = np.array(weight)[:, None]
    parameters = {"tau_m": 20e-3, "reset": "zero", "v_threshold": threshold, **parameters}
    populations = Population("input", "input", len(weight)), Population("out", kind, 1, parameters)
    return SpikingNetwork(populations, (Projection("input", "out", weight),), 1e-3)


def of(translation, parameter):
    return next(one for one in translation.checked().parameters if one.parameter == parameter)


@pytest.mark.parametrize(
    "chip, field, most", [("loihi", "weight", 127), ("tinyodin", "w", 7), ("odin", "w", 7), ("brainscales2", "weight", 63)]
)
def test_bits_of_a_weight(chip, field, most):
    """A bit less halves the largest code: 127, 63; 7, 3."""
    net = network(np.linspace(0.013, 0.9, 40))
    assert of(translate(net, chip), "weight").high == most
    bits = get("chip", chip).field(field).bits
    fewer = of(translate(net, changed(chip, field, bits=bits - 1)), "weight")
    assert fewer.high == most // 2 and fewer.code.max() <= most // 2


@pytest.mark.parametrize("chip, field", [("loihi", "weight"), ("tinyodin", "w"), ("odin", "w"), ("dynapse2", "weight")])
def test_rounding_of_a_weight(chip, field):
    """Rounding down is never above the request, rounding to nearest is somewhere; the user's choice has the last word."""
    net = network(np.linspace(0.013, 0.9, 40))
    nearest, floor = (of(translate(net, changed(chip, field, rounding=r)), "weight") for r in ("nearest", "floor"))
    assert np.all(floor.code <= floor.exact) and np.any(nearest.code > nearest.exact)
    assert np.array_equal(floor.code, np.floor(floor.exact).clip(floor.low, floor.high))
    translation = translate(net, changed(chip, field, rounding="floor"))
    assert translation.rounding == "floor" and translate(net, chip).rounding == "nearest"
    assert np.array_equal(of(translate(net, changed(chip, field, rounding="floor"), rounding="nearest"), "weight").code, nearest.code)
    draws = [of(translate(net, changed(chip, field, rounding="stochastic"), seed=seed), "weight").code for seed in (0, 0, 1)]
    assert np.array_equal(draws[0], draws[1]) and not np.array_equal(draws[0], draws[2])


@pytest.mark.parametrize("chip, field, low", [("tinyodin", "thr", -8), ("loihi", "vth", -8), ("speck2f", "threshold", -8)])
def test_rounding_of_a_threshold(chip, field, low):
    net, _ = integrators(low=low)
    out = replace(net.population("out"), parameters={"v_threshold": 2.24, "reset": "zero"})  # 17.92 weight steps
    net = replace(net, populations=(net.populations[0], out))
    nearest, floor = (of(translate(net, changed(chip, field, rounding=r)), "v_threshold") for r in ("nearest", "floor"))
    assert np.array_equal(nearest.code, np.rint(nearest.exact)) and np.array_equal(floor.code, np.floor(floor.exact))


def test_rounding_of_a_leak():
    net = network()
    for chip, field in (("loihi", "decay_v"), ("tinyodin", "leak"), ("odin", "leak_str")):
        nearest, floor = (of(translate(net, changed(chip, field, rounding=r)), "tau_m") for r in ("nearest", "floor"))
        assert np.array_equal(nearest.code, np.rint(nearest.exact)) and np.array_equal(floor.code, np.floor(floor.exact)), chip
    steps = network(reset="subtract", tau_m=25e-3, tau_syn=5e-3)  # a shift of 4.67 steps
    nearest, floor = (of(translate(steps, changed("xylo_imu", "dash_mem", rounding=r)), "tau_m").code[0] for r in ("nearest", "floor"))
    assert (nearest, floor) == (5, 4)


def test_scale_of_a_weight():
    """A code of twice the value makes the largest threshold code of half the size against the weights."""
    net, _ = integrators(low=-8)
    single, double = (translate(net, changed("tinyodin", "w", scale=s)) for s in (1.0, 2.0))
    assert np.array_equal(of(single, "weight").code, of(double, "weight").code)
    assert np.array_equal(2 * of(single, "v_threshold").code, of(double, "v_threshold").code)
    assert np.array_equal(of(single, "v_threshold").realised, of(double, "v_threshold").realised)


def test_scale_of_a_leak_and_of_a_duration():
    """Half the resolution: 4096ths become 2048ths, the code halves and the time constant stays; steps come in pairs."""
    net = network(refractory=6e-3)
    fine, coarse = (of(translate(net, changed("loihi", "decay_v", scale=s)), "tau_m") for s in (1 / 4096, 1 / 2048))
    assert (fine.code[0], coarse.code[0]) == (200, 100)  # 4096 (1 - exp(-1/20)) = 199.8
    one, two = (of(translate(net, changed("loihi", "refractory", scale=s)), "refractory") for s in (1.0, 2.0))
    assert (one.code[0], two.code[0]) == (6, 3) and one.realised[0] == two.realised[0] == pytest.approx(6e-3)


def test_unit_of_a_threshold():
    """Without the unit of the membrane the threshold has a scale of its own, and its largest value takes the largest code."""
    net, _ = integrators(low=-8)
    shared, own = (translate(net, changed("speck2f", "threshold", unit=unit)) for unit in (MEMBRANE, ""))
    step = of(shared, "weight").code.min() / -8  # the smallest weight is -8 steps, the threshold 17
    assert set(of(shared, "v_threshold").code) == {17 * step} and set(of(own, "v_threshold").code) == {32767}


def test_exponents_are_the_codes_of_their_field():
    assert get("chip", "loihi").exponents == tuple(range(-8, 8))
    assert changed("loihi", "weight_exponent", bits=2).exponents == (-2, -1, 0, 1)
    assert get("chip", "reckon").exponents == tuple(range(8))
    assert get("chip", "odin").exponents == (0,)


def test_fields_of_reckon_drive_its_placement():
    from translation_networks import recurrent

    net, samples = recurrent()
    whole = translate(net, "reckon", calibration=samples)
    fewer = translate(net, changed("reckon", "weight", bits=5), calibration=samples)
    assert max(one.code.max() for one in whole.parameters if one.parameter == "weight") > 15
    assert all(one.high == 15 and one.code.max() <= 15 for one in fewer.parameters if one.parameter == "weight")
    down = translate(net, changed("reckon", "thr", rounding="floor"), calibration=samples)
    threshold = next(one for one in down.parameters if one.parameter == "v_threshold")
    assert np.array_equal(threshold.code, np.floor(threshold.exact))
