"""The twenty behaviours of Izhikevich (2004) on ODIN's phenomenological neuron: parameter codes, and a stimulus that shows each."""

from __future__ import annotations

from brian2.units import ms

from brian2chip.chips.odin.neuron import BURST, IZHIKEVICH, IZHIKEVICH_PARAMETERS, IZHIKEVICH_STATE
from brian2chip.chips.odin_family.event_code import commit, integers
from brian2chip.core.model import Model

_BURST = {"spk_ref": 3, "isi_ref": 1}
_LEAK = {"leak_en": 1, "leak_str": 8}

#: Codes that are not zero. Our own choice of values; each is recorded from the chip's RTL in tests/golden/odin.
PARAMETERS = {
    "tonic_spiking": {"thr": 3, "rfr": 2},
    "phasic_spiking": {"thr": 3, "rfr": 2, "stim_thr": 1, "phasic_en": 1},
    "tonic_bursting": {"thr": 3, "rfr": 3, **_BURST},
    "phasic_bursting": {"thr": 3, "rfr": 3, "stim_thr": 1, "phasic_en": 1, **_BURST},
    "mixed_mode": {"thr": 3, "rfr": 2, "stim_thr": 1, "mixed_en": 1, **_BURST},
    "spike_freq_adaptation": {"thr": 2, "rfr": 1, "thrvar_en": 1, "thr_sel_of": 1, "thrleak": 6},
    "class1": {"thr": 6, "rfr": 1},
    "class2": {"thr": 3, "rfr": 1, "stim_thr": 4, "class2_en": 1},
    "spike_latency": {"thr": 4, "dapdel": 5, "spklat_en": 1},
    "subthreshold_oscillation": {"thr": 4, "rfr": 3, "reson_en": 1},
    "resonator": {"thr": 3, "rfr": 2, "reson_en": 1},
    "integrator": {"thr": 3, "rfr": 1, **_LEAK},
    "rebound_spike": {"thr": 5, "rfr": 1, "stim_thr": 2, "neg_en": 1, "rebound_en": 1, **_LEAK},
    "rebound_burst": {"thr": 5, "rfr": 1, "stim_thr": 2, "neg_en": 1, "rebound_en": 1, **_LEAK, **_BURST},
    "threshold_variability": {"thr": 3, "rfr": 1, "thrvar_en": 1, "thrleak": 4, **_LEAK},
    "bistability": {"thr": 7, "rfr": 2, "stim_thr": 2, "bist_en": 1, **_LEAK},
    "depolarizing_after_potential": {"thr": 4, "rfr": 2, "dapdel": 3, "dap_en": 1},
    "accommodation": {"thr": 4, "rfr": 1, "neg_en": 1, "thrvar_en": 1, "acc_en": 1},
    "inhibition_induced_spiking": {"thr": 4, "rfr": 2, "neg_en": 1, "inhin_en": 1},
    "inhibition_induced_bursting": {"thr": 4, "rfr": 2, "neg_en": 1, "inhin_en": 1, **_BURST},
}

#: Signed number of accumulator carries between two time references.
PATTERNS = {
    "tonic_spiking": [0] * 3 + [2] * 18 + [0] * 3,
    "phasic_spiking": [0] * 3 + [2] * 18 + [0] * 4 + [2] * 8,
    "tonic_bursting": [0] * 2 + [2] * 20,
    "phasic_bursting": [0] * 2 + [2] * 14 + [0] * 4 + [2] * 6,
    "mixed_mode": [0] * 2 + [2] * 20 + [0] * 3,
    "spike_freq_adaptation": [0] * 2 + [3] * 30 + [0] * 8,
    "class1": [0] * 2 + [1] * 12 + [2] * 12 + [3] * 12 + [5] * 12 + [7] * 12,
    "class2": [0] * 2 + [1] * 10 + [2] * 10 + [3] * 10 + [4] * 10 + [6] * 10 + [1] * 6,
    "spike_latency": [0, 0, 4] + [0] * 8 + [4] + [0] * 8,
    "subthreshold_oscillation": [0, 0, 4] + [0] * 24,
    "resonator": [0, 0, 2] + [0] * 14 + [2, 0, 0, 0, 2] + [0] * 14 + [2, 0, 2] + [0] * 14 + [2, 2] + [0] * 10,
    "integrator": [0, 0, 2] + [0] * 7 + [2, 2] + [0] * 7 + [2, 0, 0, 0, 2] + [0] * 6,
    "rebound_spike": [0, 0, 0, -4] + [0] * 8 + [-4] + [0] * 8,
    "rebound_burst": [0, 0, 0, -4] + [0] * 8 + [-4] + [0] * 8,
    "threshold_variability": [0, 0, 2] + [0] * 6 + [-2, 2] + [0] * 6 + [2] + [0] * 4,
    "bistability": [0, 0, 0, 3] + [0] * 10 + [3] + [0] * 10,
    "depolarizing_after_potential": [0, 0, 4] + [0] * 8 + [4] + [0] * 6 + [1, 1] + [0] * 4,
    "accommodation": [0, 0, 1, 2, 3, 4, 5] + [0] * 5 + [5] + [0] * 5,
    "inhibition_induced_spiking": [0] * 2 + [-4] * 12 + [0] * 6,
    "inhibition_induced_bursting": [0] * 2 + [-4] * 10 + [0] * 6,
}

ODIN_IZHIKEVICH = Model(
    name="odin_izhikevich",
    source="ODIN's phenomenological Izhikevich neuron (Frenkel et al. 2019, IEEE TBioCAS 13:145); behaviours of Izhikevich 2004",
    equations=integers((*IZHIKEVICH_STATE, "fired", "up", "down", *BURST, "drive", "tref", "burst_end")),
    threshold="fired == 1",
    reset="fired = 0",
    # `drive`, `tref` and `burst_end` are what the neuron is given; `access` is one look of the chip at its neuron.
    regular=((IZHIKEVICH + commit((*IZHIKEVICH_STATE, "fired", "up", "down", *BURST)) + "\ndrive = 0\ntref = 0\nburst_end = 0", "access"),),
    parameters={**dict.fromkeys(IZHIKEVICH_PARAMETERS, 0), "access": 0.1 * ms},
    presets=PARAMETERS,
)
"""ODIN's phenomenological neuron in integers: the twenty behaviours of Izhikevich (2004) as parameter sets."""
