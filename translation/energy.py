"""A network on every chip that holds it: what a sample takes there, in counts and, where energies are published, in joules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis.energy import counts
from brian2chip.chips.chip import Chip
from brian2chip.chips.quantised import QuantisedParameter
from brian2chip.core.registry import catalogue, get
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation.translate import translate

COUNTED = ("neuron_updates", "input_spikes", "spikes", "synaptic_operations")


def energy_table(
    network: SpikingNetwork, samples: Samples, chips: Iterable[Chip | str] | None = None, *, device: str = "auto"
) -> pd.DataFrame:
    """Return one row a chip and published energy.

    Parameters
    ----------
    network : SpikingNetwork
    samples : Samples
        The counts are means over them; the membranes that they visit calibrate the translation.
    chips : iterable of Chip or str, optional
        Every chip that is known by default.
    device : str
        Of the runs in floating point.

    Returns
    -------
    DataFrame
        ``chip``, ``holds``, ``why_not`` (the first reason), ``run`` ("emulated" or "float": its realised values in floating point),
        ``neuron_updates``, ``input_spikes``, ``spikes``, ``synaptic_operations``, ``memory_bits`` (of the network's own numbers),
        ``cycles``, ``operations_J`` (synaptic operations times their published energy), ``energy_of`` and ``energy_source``,
        ``standing_J`` (leakage and clock over the cycles) and ``standing_source``; what is not known is left empty.

    Raises
    ------
    UserError
        For no samples, or a chip that is none.
    """
    if not len(samples):
        raise UserError("the energy account was given no samples; give at least one, typical of what the network will see.")
    known = [get("chip", c) if isinstance(c, str) else c for c in (chips if chips is not None else sorted(catalogue("chip")))]
    return pd.DataFrame([row for chip in known for row in _rows(network, samples, chip, device)])


def _rows(network: SpikingNetwork, samples: Samples, chip: Chip, device: str) -> list[dict[str, Any]]:
    translation = translate(network, chip, calibration=samples, split_signs=chip.sign == "pre", device=device)
    if translation.refusals:
        return [{"chip": chip.name, "holds": False, "why_not": translation.refusals[0]}]
    behaviour = translation.evaluate(samples, device=device)
    run = behaviour.runs[behaviour.last]
    found = counts(network, samples, run)
    cycles = None if run.cycles is None else float(np.mean(run.cycles))
    row = {
        "chip": chip.name,
        "holds": True,
        "why_not": "",
        "run": "emulated" if behaviour.last == "chip" else "float",
        **{name: found[name] for name in COUNTED},
        "memory_bits": memory_bits(chip, translation.parameters),
        "cycles": cycles,
        "standing_J": None if chip.standing is None or cycles is None else chip.standing.joules(cycles),
        "standing_source": "" if chip.standing is None else chip.standing.source,
    }
    if not chip.energy:
        return [{**row, "energy_of": "", "energy_source": "no verified energy: counts alone"}]
    of = [(joules * found["synaptic_operations"], what, source) for what, (joules, source) in chip.energy.items()]
    return [{**row, "operations_J": joules, "energy_of": what, "energy_source": source} for joules, what, source in of]


def memory_bits(chip: Chip, parameters: Iterable[QuantisedParameter]) -> int:
    """Return the bits that the codes of a network take: its numbers times the widths of their fields."""
    width = {field.name: field.bits for field in chip.fields}
    return sum(int(one.code.size) * width[one.field] for one in parameters)
