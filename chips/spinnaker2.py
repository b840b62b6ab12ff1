"""SpiNNaker 2: cores that choose voltage and frequency in every step; networks are software there, so it is only described."""

from dataclasses import replace

from brian2chip.analysis.power import Workload, thresholds_in_time
from brian2chip.analysis.power_model import PerformanceLevel, PowerModel
from brian2chip.chips.chip import Chip
from brian2chip.chips.field import Field
from brian2chip.chips.limits import neurons

SOURCE = "Höppner et al. 2019, arXiv:1903.08941 (abstract)"

SPINNAKER2 = Chip(
    name="spinnaker2",
    source=SOURCE,
    verified="performance levels and savings from the abstract; weights of 8 bits as its users deploy them, from secondary sources",
    fields=(Field("weight", 8, signed=True, shared="synapse", meaning="synaptic weight of a deployed network; a choice of the software"),),
    kinds=(),
    resets=(),
    constraints=(neurons(152 * 250),),
)

#: What is published: savings beside a chip that always runs at its fastest level, as shares (abstract).
PUBLISHED = {"total": 0.75, "baseline": 0.80, "operation": 0.50}

#: The ends of the levels are published. All else is assumed, as said, and can be exchanged with ``dataclasses.replace``.
ASSUMED = PowerModel(
    levels=(PerformanceLevel(0.7, 125e6), PerformanceLevel(0.85, 312.5e6), PerformanceLevel(1.0, 500e6)),
    thresholds=(40, 160),
    step_s=1e-3,
    step_cycles=2_000,
    neuron_cycles=100,
    spike_cycles=60,
    synapse_cycles=15,
    baseline_W=50e-3,
    leakage_share=0.1,
    neuron_J=1.5e-9,
    synapse_J=0.3e-9,
    assumptions={
        "levels": f"three levels, 0.7 V at 125 MHz to 1.0 V at 500 MHz: {SOURCE}; that the second lies half-way is assumed",
        "thresholds": "assumed; thresholds_in_time gives those that the workload allows",
        "step_s": "real time in steps of 1 ms",
        "step_cycles, neuron_cycles, spike_cycles, synapse_cycles": "assumed: orders of magnitude of a small processor's loops",
        "baseline_W, neuron_J, synapse_J": "assumed; only their ratios matter for what is saved in total",
        "leakage_share": "assumed; above about 0.2 the published 80 % of the baseline could not be saved (analysis.power_model.bounds)",
        "energy of an operation": "with the square of the voltage: 0.49 between the ends, beside the published half",
    },
)


def managed(work: Workload) -> PowerModel:
    """Return the assumed model with the largest thresholds that keep this workload in time."""
    return replace(ASSUMED, thresholds=thresholds_in_time(work, ASSUMED))
