"""BrainScaleS-2 as hxtorch drives it: 6-bit signed weights, neurons and synapses that differ, membranes read by an 8-bit converter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.core.substrate import Substrate
from brian2chip.errors import UserError
from brian2chip.learning.in_the_loop.settings import Converter
from brian2chip.learning.in_the_loop.train import train_in_the_loop
from brian2chip.substrates.analogue_mismatch import gaussian

#: Codes of a synapse: a sign and six bits. Codes of the converter: eight bits.
LARGEST_CODE, CONVERTER_CODES = 63, 256
TAUS, THRESHOLDS = ("tau_m", "tau_syn"), ("v_threshold",)


def converter_of(substrate: Substrate) -> Converter:
    """Return what reads the membranes of a chip: codes of eight bits from that of the lowest voltage, relative to the resting one."""
    p = substrate.numbers()
    rest = _whole(p, "converter_rest")
    return Converter(p["converter_step"], -rest, CONVERTER_CODES - 1 - rest)


def _whole(p, name: str) -> int:
    """Return a parameter that must be a whole number."""
    if p[name] != int(p[name]):
        raise UserError(f"{name} of substrate 'brainscales2' was given as {p[name]:g}; give a whole number.")
    return int(p[name])


def codes(ideal, scale: float, rows: int):
    """Return the whole codes of weights, those of all their synapses together; beyond the largest they saturate."""
    return np.clip(np.rint(scale * np.asarray(ideal, float)), -rows * LARGEST_CODE, rows * LARGEST_CODE)


def weights(ideal, p, draws):
    """Return weights as a chip has them: codes, laid on one synapse after another until they are full, times each synapse's factor."""
    rows = _whole(p, "rows")
    code = codes(ideal, p["weight_scale"], rows)
    filled = np.clip(np.abs(code)[None] - LARGEST_CODE * np.arange(rows).reshape(rows, *[1] * code.ndim), 0, LARGEST_CODE)
    factor = gaussian(filled.size, p["spread_weight"], draws.chip).reshape(filled.shape)
    return np.sign(code) * (filled * factor).sum(0) / p["weight_scale"]


def mismatch(name, ideal, p, draws):
    """Return values of a parameter: time constants and thresholds are off by a factor that stays with the chip."""
    spread = p["spread_tau"] if name in TAUS else p["spread_threshold"] if name in THRESHOLDS else 0.0
    return ideal * gaussian(ideal.size, spread, draws.chip).reshape(ideal.shape) if spread else ideal


def train(
    network: SpikingNetwork, samples: Samples, chips: Sequence[ChipInstance], progress: Callable[[float], None]
) -> Sequence[SpikingNetwork]:
    """Return the network trained on each chip in the loop, with the default settings, all chips as replicas of one program."""
    reads, seeds = converter_of(chips[0].substrate), [chip.seed for chip in chips]
    return train_in_the_loop([network] * len(chips), chips, samples, converter=reads, seeds=seeds, progress=progress).networks


_OURS = "a choice of the user's"
BRAINSCALES2 = Substrate(
    name="brainscales2",
    source="hxtorch, demonstration ts_05-yin_yang (weights, converter); spread of thresholds: DelGrad's hardware-aware configuration",
    parameters={
        "spread_tau": 0.1,
        "spread_threshold": 0.08 / 2.6,
        "spread_weight": 0.1,
        "weight_scale": 66.39,
        "rows": 5,
        "converter_step": 0.0147,
        "converter_rest": 80,
    },
    sources={
        "spread_tau": f"{_OURS}: a Gaussian factor of each neuron's time constants",
        "spread_threshold": "yin_yang_hwAware.yaml of DelGrad: a fixed pattern of standard deviation 0.08 on a threshold of 2.6",
        "spread_weight": f"{_OURS}: a Gaussian factor of each synapse",
        "weight_scale": "ts_05-yin_yang.rst: codes of a synapse per unit of weight",
        "rows": "ts_05-yin_yang.rst: each input arrives on five rows; here a weight takes the next synapse when one is full",
        "converter_step": "ts_05-yin_yang.rst: model units of a code of the converter",
        "converter_rest": "calibration targets of ts_05-yin_yang.rst: leak and reset at 80, threshold at 150",
    },
    bounds={
        **dict.fromkeys(("spread_tau", "spread_threshold", "spread_weight"), (0, 1)),
        "weight_scale": (1e-3, None),
        "rows": (1, 16),
        "converter_step": (1e-6, None),
        "converter_rest": (1, 254),
    },
    presets={"no_mismatch": {"spread_tau": 0.0, "spread_threshold": 0.0, "spread_weight": 0.0}},
    weights=weights,
    mismatch=mismatch,
    train=train,
)
"""BrainScaleS-2 as hxtorch drives it: 6-bit signed weights, neurons and synapses that differ, membranes read by an 8-bit converter."""
