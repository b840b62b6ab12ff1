"""Why the layers of a network are silent, saturated or wrong, on a chip or before it: causes and what to do, from rows of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Shares from which on something is said: neurons that are silent or saturated, inputs that never spike, weights that become zero or
#: saturate, a time constant that is off, trains that come in another order.
SILENT, SATURATED, UNUSED_INPUTS, LOST, CLIPPED, LEAK, ORDER = 0.5, 0.5, 0.5, 0.1, 0.01, 0.1, 0.05

#: The numbers of a row; None where nothing was measured.
COLUMNS = {
    "layer": "population",
    "neurons": "how many",
    "weights": "how many lead here that are not 0",
    "input_hz": "mean rate of the neurons and inputs that lead here",
    "silent_inputs": "share of these that never spike",
    "drive": "largest membrane that half of the neurons reach, in thresholds",
    "drive_chip": "the same with the values of the chip",
    "rate_hz": "mean rate",
    "rate_hz_chip": "mean rate on the chip",
    "silent": "share of neurons that never spike",
    "silent_chip": "the same on the chip",
    "saturated": "share of neurons that spike in over half of all steps",
    "saturated_chip": "the same on the chip",
    "weights_lost": "share of the weights that become 0",
    "weights_clipped": "share of the weights that saturate",
    "leak_error": "largest relative error of a time constant",
    "out_of_order": "share of trains that first leave those of the step-by-step network where several spikes arrive at once",
}


@dataclass(frozen=True)
class Finding:
    """One cause.

    Attributes
    ----------
    layer : str
        The population, or ``"all"``.
    cause : str
        ``"refused"``, ``"no input"``, ``"no weights"``, ``"weak drive"``, ``"strong drive"``, ``"weights lost"``, ``"weights clipped"``,
        ``"leak"``, ``"order"``, ``"queue"`` or ``"unexplained"``.
    what, remedy : str
        One sentence each.
    """

    layer: str
    cause: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.layer}: {self.what} {self.remedy}"


def findings(rows: Sequence[Mapping[str, Any]], *, event_driven: bool = False, queue: tuple[int, int] | None = None) -> list[Finding]:
    """Return what is wrong, layer by layer, each cause where it acts first.

    Parameters
    ----------
    rows : sequence of mapping
        One a population of neurons, in the order of the layers: the :data:`COLUMNS`, and ``"sources"``, the names of the populations from
        which alone spikes can come; empty where inputs lead there too.
    event_driven : bool
        Whether the chip takes the spikes of a step one after the other.
    queue : (int, int), optional
        Most spikes that waited in the chip's queue, and how many were lost.
    """
    found: list[Finding] = []
    gone: list[str] = []
    for row in rows:
        cut_off = bool(row["sources"]) and all(name in gone for name in row["sources"])
        own = [*_before(row, row["sources"][0] if cut_off else None), *_on_chip(row, event_driven)]
        if not cut_off and not own and (_much(row, "silent_chip", SILENT) or _much(row, "saturated_chip", SATURATED)):
            own = [_unexplained(row)]
        found += own
        if 1 in (row["silent"], row["silent_chip"]):
            gone.append(row["layer"])
    if queue is not None and queue[1]:
        text = f"the chip's queue of spikes was full and lost {queue[1]:,} spikes; {queue[0]:,} waited at most."
        remedy = "Thin out the input, spread it over more steps, or raise thresholds so that fewer spikes wait."
        found.append(Finding("all", "queue", text, remedy))
    return found


def _much(row: Mapping[str, Any], name: str, share: float) -> bool:
    """Return whether a number was measured and is above a share."""
    return row[name] is not None and row[name] > share


def _before(row: Mapping[str, Any], dead: str | None) -> Iterator[Finding]:
    """Yield what is wrong with a layer of the network as it was given."""
    name = row["layer"]
    if row["weights"] == 0:
        yield Finding(name, "no weights", "no weight other than 0 leads here.", "Connect it; a penalty in training may have emptied it.")
        return
    if dead is not None:
        yield Finding(name, "no input", f"it can get no spikes while {dead!r} before it is silent.", f"Mend {dead!r} first.")
        return
    if row["input_hz"] == 0:
        remedy = "Give input with spikes: look at the channels and at the threshold of the encoder."
        yield Finding(name, "no input", "no spike leads here.", remedy)
        return
    if _much(row, "silent_inputs", UNUSED_INPUTS):
        text = f"{row['silent_inputs']:.0%} of what leads here never spikes."
        yield Finding(name, "no input", text, "Give input on all channels, or leave the silent ones out, so that they take no addresses.")
    if _much(row, "silent", SILENT):
        text = (
            f"{row['silent']:.0%} of the neurons are silent as given, before any chip; half of them reach {_drive(row['drive'])} at most."
        )
        yield Finding(name, "weak drive", text, _stronger(row["drive"]))
    elif _much(row, "saturated", SATURATED):
        text = f"{row['saturated']:.0%} of the neurons fire in over half of all steps as given, before any chip"
        remedy = "Make the weights smaller or the threshold higher; look at step and reset of a NIR file."
        yield Finding(name, "strong drive", f"{text}; half of them reach {_drive(row['drive'])}.", remedy)


def _on_chip(row: Mapping[str, Any], event_driven: bool) -> Iterator[Finding]:
    """Yield what the chip makes worse in a layer."""
    name, lost_all = row["layer"], row["weights_lost"] == 1
    if lost_all:
        yield Finding(name, "weights lost", "no weight onto it survives: all become 0.", "Train with larger weights, or lower thresholds.")
    elif _much(row, "weights_lost", LOST):
        remedy = "Train with the chip's weight grid, or prune the outliers that set the scale."
        yield Finding(name, "weights lost", f"{row['weights_lost']:.0%} of the weights onto it become 0.", remedy)
    if _much(row, "weights_clipped", CLIPPED):
        text = f"{row['weights_clipped']:.0%} of the weights onto it saturate at the end of their range."
        yield Finding(name, "weights clipped", text, "Train with bounded weights, or raise its thresholds, which set the scale.")
    if _much(row, "leak_error", LEAK):
        text = f"its time constant is off by up to {min(row['leak_error'], 1e4):.0%} on the chip."
        remedy = "Choose a time constant that the chip has, or translate with calibration, so that leaks fit the visited membranes."
        yield Finding(name, "leak", text, remedy)
    if not lost_all and _much(row, "drive", 1) and row["drive_chip"] is not None and row["drive_chip"] <= 1:
        text = f"half of its neurons reach {_drive(row['drive'])} as given and {_drive(row['drive_chip'])} with the values of the chip."
        yield Finding(name, "weak drive", text, "Leave more margin: train with larger weights, or lower the threshold.")
    if event_driven and _much(row, "out_of_order", ORDER):
        text = f"{row['out_of_order']:.0%} of its trains leave the step-by-step network's where several spikes arrive in one step."
        remedy = "The chip takes them one by one and tests the threshold after each: take a shorter step, or fewer spikes a step."
        yield Finding(name, "order", text, remedy)


def _unexplained(row: Mapping[str, Any]) -> Finding:
    silent = _much(row, "silent_chip", SILENT)
    which, how = ("silent", "are silent") if silent else ("saturated", "fire in over half of all steps")
    text = f"{row[which + '_chip']:.0%} of the neurons {how} on the chip, {row[which]:.0%} as given; weights, leak and order say not why."
    return Finding(row["layer"], "unexplained", text, "Read the notes of the translation on what the chip does differently.")


def _drive(drive: float | None) -> str:
    return "no threshold above 0" if drive is None else f"{drive:.3g} of the threshold"


def _stronger(drive: float | None) -> str:
    by = f"by {1.25 / drive:.3g} times or more" if drive is not None and 0 < drive < 1 else "that excite"
    return f"Raise the weights {by}, or lower the threshold; look at the unit of the weights, and at step and convention of a NIR file."


def sentence(found: Sequence[Finding]) -> str:
    """Return one line on all: how many causes, and where the first is."""
    if not found:
        return "No cause found: every layer gets input, spikes, and keeps its weights, leak and order."
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{len(found)} cause{'s' if len(found) > 1 else ''}: {found[0].cause} ({found[0].layer}){more}."
