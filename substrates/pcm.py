"""Phase-change memory: a weight is the difference of two devices, programmed with noise, which drift and are read with 1/f noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from brian2 import second, uS

from brian2chip.core.substrate import Draws, Substrate
from brian2chip.errors import UserError
from brian2chip.substrates.pcm_devices import HERMES, HERMES_ONE, PCM_LIKE, PCMDevice
from brian2chip.substrates.pcm_pulses import PULSED_PAIRS

NONE, GLOBAL, COLUMN = 0, 1, 2
#: Least mean magnitude of a reading, relative to the largest weight, by which compensation divides.
LEAST_READING = 1e-4
HERMES_CHIP = "IBM/aihwkit, inference/noise/hermes.py: fits to the HERMES chip (Le Gallo et al. 2023; Khaddam-Aljameh et al. 2022)"
LIKE = "IBM/aihwkit, inference/noise/pcm.py, after Nandakumar et al. 2019 (ICECS)"
SOURCES = {
    "t": "a choice of the user's",
    "G_top": "the largest conductance characterised in the source; a smaller one is a choice of the user's",
    "compensation": "IBM/aihwkit, inference/compensation/drift.py",
}
PRESETS = {"uncompensated": {"compensation": NONE}, "per_column": {"compensation": COLUMN}}


def compensation_factor(first: np.ndarray, now: np.ndarray, kind: float) -> np.ndarray:
    """Return by what readings are multiplied so that their mean magnitude is again that of the first reading.

    Parameters
    ----------
    first, now : array [source, target]
        What one source after another gives at each target, relative to the largest weight.
    kind : {0, 1, 2}
        None, one factor of the whole array, one for each column (target).

    Raises
    ------
    UserError
        For another kind.
    """
    if kind not in (NONE, GLOBAL, COLUMN):
        raise UserError(f"compensation was given as {kind:g}; give 0 (none), 1 (one factor for an array) or 2 (one for each column).")
    if kind == NONE:
        return np.ones(1)
    axis = None if kind == GLOBAL else 0
    size = lambda y: np.maximum(np.abs(y).mean(axis=axis), LEAST_READING)  # noqa: E731
    return np.atleast_1d(size(first) / size(now))


def _weights(device: PCMDevice) -> Callable[[np.ndarray, dict, Draws], np.ndarray]:
    """Return the function of a substrate of such devices."""

    def weights(ideal, p, draws):
        top, largest = 1e6 * p["G_top"], np.abs(ideal).max(initial=0.0)
        target = np.stack([np.maximum(ideal, 0), np.maximum(-ideal, 0)]) * (top / largest if largest else 0.0)
        programmed, nu = device.programmed(target, draws.write), device.exponents(target, draws.write)
        there = ideal != 0  # no synapse, no devices
        first, now = (there * (g[0] - g[1]) / top for g in (programmed, device.read(programmed, nu, p["t"], draws.read)))
        return largest * now * compensation_factor(first, now, p["compensation"])

    return weights


def _parameters(device: PCMDevice) -> dict:
    """Return parameters, their sources and bounds, presets and function of a substrate of such devices."""
    return {
        "parameters": {"t": 0 * second, "G_top": device.g_max * uS, "compensation": GLOBAL},
        "sources": SOURCES,
        "bounds": {"t": (0 * second, None), "G_top": (0.1 * uS, device.g_max * uS), "compensation": (NONE, COLUMN)},
        "presets": PRESETS,
        "weights": _weights(device),
    }


_INFERENCE = _parameters(PCM_LIKE)
_TRAINED = "YigitDemirag/srnn-pcm, xbar.py and srnn.py (after Nandakumar et al. 2018)"
PCM = Substrate(
    name="pcm",
    source=f"{LIKE}; in training the pulses of {_TRAINED}",
    **{
        **_INFERENCE,
        "parameters": _INFERENCE["parameters"]
        | {"step": 1 / 48, "G_unit": 47.3 * uS, "G_limit": 12 * uS, "refresh_above": 6 * uS, "refresh_below": 1.5 * uS},
        "sources": SOURCES
        | {
            "step": "a choice of the user's: a sixth of the step of srnn-pcm, whose weights reach 1; chosen on pattern generation",
            "G_unit": "four times that of srnn-pcm (11.825 uS, README); a step is two thirds of the conductance that it is there",
            "G_limit": _TRAINED,
            "refresh_above": _TRAINED,
            "refresh_below": _TRAINED,
        },
        "bounds": _INFERENCE["bounds"]
        | {
            "step": (1e-9, None),
            "G_unit": (0.1 * uS, None),
            "G_limit": (1 * uS, 20 * uS),
            "refresh_above": (0 * uS, None),
            "refresh_below": (0 * uS, None),
        },
        "memory": PULSED_PAIRS,
    },
)
"""Phase-change memory, pairs of devices: programming noise, drift and its compensation, 1/f noise; pulses in training."""

PCM_HERMES = Substrate(name="pcm_hermes", source=HERMES_CHIP, **_parameters(HERMES))
"""Phase-change memory of the HERMES chip, two devices of 20.7 uS together for each sign of a weight."""

PCM_HERMES_ONE = Substrate(name="pcm_hermes_one_device", source=HERMES_CHIP, **_parameters(HERMES_ONE))
"""Phase-change memory of the HERMES chip, one device of 10.35 uS for each sign of a weight."""
