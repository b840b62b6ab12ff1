"""A translation onto a chip at every point: networks, rounding, neurons split by sign, and the seed of stochastic rounding."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from brian2chip.chips.chip import Chip
from brian2chip.core.identity import identity
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.sweeps.points import Points
from brian2chip.sweeps.study import Study, check_names, taken
from brian2chip.translation.translate import translate

SETTINGS = ("test", "calibration")
#: What may vary; ``network`` is the path of a file, which the workers read too.
VARIED = ("network", "rounding", "split_signs")


def translations(chip: Chip, network: Any, points: Points, how: Mapping[str, Any], device: str) -> Study:
    """Return the study of translations onto a chip, of one network or of the files that ``network`` varies over.

    Raises
    ------
    UserError
        For names that cannot vary, no network or two ways to give it, and files that hold none.
    """
    settings = taken(how, "translations", SETTINGS)
    check_names("setting of a translation called", points.first(), set(VARIED))
    files = [axis.values for axis in points.axes if axis.name == "network"]
    if (network is None) != bool(files):
        raise UserError("a translation needs a network: name one file, or vary network over several, and not both.")
    paths = dict.fromkeys(str(path) for values in files for path in values)
    held = {path: SpikingNetwork.load(path) for path in paths} if files else {"": _network(network)}
    hashes = {path: identity(one.populations, one.projections, one.dt) for path, one in held.items()}
    samples = {name: {"samples": len(one), "content": identity(one)} for name, one in settings.items()}
    about = {"chip": chip.name, "networks": hashes, "device": device, "how": samples}
    point = partial(_point, chip, held.get(""), {**settings, "device": device})
    return Study("translation", f"translations onto {chip.name}", about, point)


def _network(given: Any) -> SpikingNetwork:
    return given if isinstance(given, SpikingNetwork) else SpikingNetwork.load(given)


def _point(
    chip: Chip, network: SpikingNetwork | None, how: Mapping[str, Samples], values: Mapping[str, Any], seed: int, report: Any = None
) -> dict[str, float]:
    """Return what one translation does to the parameters and, with test samples, to the behaviour."""
    given = dict(values)
    path = given.pop("network", None)
    made = translate(network if path is None else SpikingNetwork.load(path), chip, seed=seed, **given, **how).checked()
    table = made.table()
    row = {"problems": float(len(made.problems())), **{name: float(table[name].sum()) for name in ("clipped", "zeroed") if name in table}}
    if made.behaviour is None:
        return row
    summary = made.behaviour.summary()
    accuracies = {f"accuracy_{name}": value for name, value in summary["accuracy"].items()}
    return {**row, **accuracies, "agreement": summary["agreement"], "operations": summary["operations"]}
