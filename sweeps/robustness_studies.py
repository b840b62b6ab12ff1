"""Many chips of a substrate at every point: parameters of the substrate, or of the rule that it holds, and the seed of the chips."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from brian2chip.core.identity import identity
from brian2chip.core.rule import Rule
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.core.substrate import Substrate
from brian2chip.errors import UserError
from brian2chip.protocols.prepare import resolve_protocol, resolve_rule
from brian2chip.sweeps.points import Points
from brian2chip.sweeps.protocol_runs import names_of
from brian2chip.sweeps.study import Study, check_names, content, taken
from brian2chip.translation.robustness import robustness

SETTINGS = ("test", "calibration", "training", "protocol", "chips", "gains")
#: Percentiles over chips.
PERCENTILES = {"5 %": "p05", "50 %": "p50", "95 %": "p95"}


def robustness_studies(substrate: Substrate, what: Any, points: Points, how: Mapping[str, Any], device: str) -> Study:
    """Return the study of a network, or of a rule in a protocol, on chips of a substrate.

    Raises
    ------
    UserError
        For names that neither substrate nor rule has, wrong units, and nothing to put on the chips.
    """
    settings = taken(how, "chips of a substrate", SETTINGS)
    if what is None:
        raise UserError(f"nothing was given to put on chips of {substrate.name!r}; name a network file, or a rule with a protocol.")
    protocol = None if (named := settings.pop("protocol", None)) is None else resolve_protocol(named)
    held = _network(what) if protocol is None else resolve_rule(what)
    own = {name: value for name, value in points.first().items() if name in substrate.parameters}
    if protocol is None:
        check_names(f"parameter of substrate {substrate.name!r} called", points.first(), substrate.parameters)
        about: dict[str, Any] = {"network": identity(held.populations, held.projections, held.dt)}
    else:
        others = tuple(axis for axis in points.axes if axis.name not in own)
        names_of(protocol, held, Points(others, points.seeds, points.crossed))
        about = {"rule": content(held), "protocol": content(protocol)}
        settings["protocol"] = protocol
    substrate.with_parameters(**own)
    said = {name: identity(value) if isinstance(value, Samples) else value for name, value in settings.items() if name != "protocol"}
    parameters = {name: str(value) for name, value in substrate.parameters.items()}
    about |= {"substrate": substrate.name, "substrate_parameters": parameters, "device": device, "how": said}
    point = partial(_point, substrate, held, {**settings, "device": device})
    return Study("robustness", f"{'a network' if protocol is None else held.name} on chips of {substrate.name}", about, point)


def _network(given: Any) -> SpikingNetwork:
    return given if isinstance(given, SpikingNetwork) else SpikingNetwork.load(given)


def _point(
    substrate: Substrate, held: SpikingNetwork | Rule, how: Mapping[str, Any], values: Mapping[str, Any], seed: int, report: Any = None
) -> dict[str, float]:
    """Return the ideal result, and mean and percentiles over chips of each measure and stage."""
    chip = {name: value for name, value in values.items() if name in substrate.parameters}
    own = {name: value for name, value in values.items() if name not in chip}
    if isinstance(held, Rule):
        options = {
            name: own.pop(name) for name in list(own) if name in {**how["protocol"].options, "replicas": 1} and name not in held.parameters
        }
        own = {"parameters": own, **options}
    table = robustness(held, substrate.with_parameters(**chip), seed=seed, workers=1, progress=report, **how, **own)
    about = table.attrs["run"]
    row = {f"ideal_{name}": value for name, value in about["ideal"].items()}
    for one in about["summary"]:
        name = f"{one['stage'].replace(' ', '_')}_{one['measure']}"
        row |= {f"{name}_mean": one["mean"], **{f"{name}_{short}": one[long] for long, short in PERCENTILES.items()}}
    return row
