"""Rules and models as ordinary Brian2 objects, for a network that is somebody else's.

Nothing here needs a session or changes Brian2's state: the objects are made on the active device, and who asked for them connects,
monitors and runs them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from brian2chip.core import registry
from brian2chip.core.later import brian2, internals
from brian2chip.core.short_term import with_short_term
from brian2chip.core.start_expressions import in_brian2_words
from brian2chip.core.starts import check_delay
from brian2chip.core.third_factors import sources
from brian2chip.core.transmission import with_transmission
from brian2chip.core.units import Quantity, get_dimensions, get_unit, second
from brian2chip.errors import UserError, unknown

if TYPE_CHECKING:
    from brian2 import NeuronGroup

    from brian2chip.core.plastic_synapses import PlasticSynapses


def declare(parameters: Mapping[str, Any], own: Collection[str] = ()) -> str:
    """Return the Brian2 lines that declare parameters as shared variables, those named in ``own`` as one for each neuron or synapse."""
    lines = []
    for name, value in parameters.items():
        dimensions = get_dimensions(value)
        unit = "1" if dimensions.is_dimensionless else repr(get_unit(dimensions))
        lines.append(f"{name} : {unit} ({'' if name in own else 'shared, '}constant)")
    return "\n".join(lines)


def brian2_pathways(rule: Any, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return ``on_pre``, ``on_post`` and ``delay`` of a rule as Brian2 takes them, with further presynaptic pathways by name."""
    code = {side: {path.name: path.code for path in rule.pathways if path.side == side} for side in ("pre", "post")}
    code["pre"] |= more or {}
    delays = {path.name: path.delay for path in rule.pathways if path.delay is not None}
    return {"on_pre": code["pre"] or None, "on_post": code["post"] or None, "delay": delays or None}


def synapses(
    rule: Any,
    source: Any,
    target: Any = None,
    *,
    delay: Quantity | str | Mapping[str, Quantity | str] | None = None,
    third_factors: Mapping[str, Any] | None = None,
    transmit: str = "",
    short_term: Any = None,
    per_synapse: Collection[str] = (),
    name: str = "synapses*",
    **parameters: Any,
) -> PlasticSynapses:
    """Return the rule as Brian2's ``Synapses`` between two groups, not yet connected.

    Parameters
    ----------
    source, target : NeuronGroup or SpikeGeneratorGroup or PoissonGroup or Subgroup
        The target is the source when left out.
    delay : Quantity, str or mapping, optional
        From a presynaptic spike to the synapse, the rule's by default; text is an expression that each synapse evaluates for itself, such
        as ``"1*ms + 2*ms*rand()"``. A mapping gives pathways their own: ``{"pre": 1*ms, "post": 0.5*ms}``. ``S.delay = ...`` after
        connecting does as well.
    third_factors : mapping, optional
        What the rule reads from outside, by name: a number (``S.name = ...`` changes it), a ``Signal`` or one-dimensional
        ``TimedArray``, or a variable of another group, ``group.dopamine``: a shared one, that of a group of one, or one of each target
        neuron.
    transmit : str
        What a presynaptic spike does to the neuron, e.g. ``"g_e_post += w"``; it acts before the weight changes, and after short-term
        plasticity where it reads ``release``. Where the rule has several presynaptic pathways it is one more, ``"Transmit"``, with no delay
        unless ``delay`` gives one.
    short_term : Rule or str, optional
        Short-term plasticity that scales what is transmitted, e.g. ``"tsodyks_markram:depressing"`` with
        ``transmit="v_post += w*release"``; see :func:`~brian2chip.core.short_term.with_short_term`.
    per_synapse : collection of str
        Parameters of which each synapse has its own value; set them after connecting.
    name : str
        Brian2's name of the object.
    **parameters
        Parameters and starts of the rule with other values, with units.

    Returns
    -------
    PlasticSynapses
        Parameters are its variables, shared ones unless named in ``per_synapse``; weights and other state start as in protocols when it
        is connected. Where a rule has several starts, each synapse takes one by chance.

    Raises
    ------
    UserError
        For an unknown parameter, a wrong unit or value, a third factor that is not given, and for variables that the rule reads and a
        group lacks, with the lines to add.
    """
    if short_term is not None:
        rule, transmit = with_short_term(rule, short_term, transmit), ""
    changed = rule.with_parameters(**parameters)
    target = source if target is None else target
    for each in per_synapse:
        if each not in rule.parameters:
            raise unknown(f"parameter of {rule.name!r} called", each, rule.parameters)
    found = sources(changed, third_factors or {}, target)
    _check_group(found.rule, source, "pre", transmit)
    _check_group(found.rule, target, "post", transmit)
    code, drawn = _transmitting(brian2_pathways(found.rule), transmit, delay)
    numbers = {key: value for key, value in changed.parameters.items() if key not in found.namespace}
    from brian2chip.core.plastic_synapses import PlasticSynapses  # a class of Brian2's

    made = PlasticSynapses(
        source,
        target,
        found.rule.model + "\n" + declare(numbers, per_synapse),
        **code,
        name=name,
        namespace=dict(found.namespace) or None,
        values=[*numbers.items(), *_starts({**found.rule.initial, **found.numbers})],
        delays=drawn,
    )
    for variable, (group, theirs, index) in found.links.items():
        internals.add_link(made, variable, group, theirs, index)
    for text, period in found.rule.regular:
        made.run_regularly(text, dt=float(np.asarray(changed.parameters[period])) * second)
    return made


def _transmitting(code: dict[str, Any], transmit: str, delay: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return pathways and delays with what a spike does to the neuron, and the delays that are drawn for each synapse."""
    if transmit:
        code["on_pre"] = with_transmission(code["on_pre"] or {}, transmit)
    given = delay if isinstance(delay, Mapping) else {} if delay is None else {name: delay for name in code["on_pre"] or {}}
    named = [*(code["on_pre"] or {}), *(code["on_post"] or {})]
    for name, value in given.items():
        if name not in named:
            raise unknown("pathway, for a delay, called", name, named)
        if not isinstance(value, str):
            check_delay(f"pathway {name!r}", value)
    fixed = {name: value for name, value in {**(code["delay"] or {}), **given}.items() if not isinstance(value, str)}
    return {**code, "delay": fixed or None}, {name: value for name, value in given.items() if isinstance(value, str)}


def _starts(initial: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the assignments that set variables to their start; of several values every synapse takes one with equal chance."""
    made = []
    for name, value in initial.items():
        if isinstance(value, str):
            made.append((name, in_brian2_words(value)))
            continue
        first, *others = np.ravel(value).tolist() if np.ndim(value) else [value]
        made.append((name, first))
        made += [(name, f"{name} + ({other!r} - {name})*int(rand() < 1.0/{k})") for k, other in enumerate(others, 2)]
    return made


def neurons(model: Any, n: int, *, per_neuron: Collection[str] = (), name: str = "neurongroup*", **parameters: Any) -> NeuronGroup:
    """Return ``n`` of the model's neurons as a Brian2 ``NeuronGroup``.

    Parameters
    ----------
    n : int
    per_neuron : collection of str
        Parameters of which each neuron has its own value; they start with the model's, ``N.tau_m = ...`` sets them.
    name : str
        Brian2's name of the object.
    **parameters
        Parameters of the model with other values, with units.

    Raises
    ------
    UserError
        For a size that is no positive whole number, an unknown parameter, and a wrong unit or value.
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise UserError(f"{n!r} neurons of {model.name!r} were asked for; give a positive whole number.")
    changed = model.with_parameters(**parameters)
    for each in per_neuron:
        if each not in model.parameters:
            raise unknown(f"parameter of {model.name!r} called", each, model.parameters)
    group = brian2.NeuronGroup(
        int(n),
        model.equations + "\n" + declare(model.parameters, per_neuron),
        threshold=model.threshold or None,
        reset=(model.reset or None) if model.threshold else None,
        refractory=model.refractory,
        method=model.method,
        name=name,
        namespace={called: make() for called, make in model.functions.items()} or None,
    )
    for variable, value in {**changed.parameters, **model.initial}.items():
        setattr(group, variable, value)
    for code, period in model.regular:
        group.run_regularly(code, dt=float(np.asarray(changed.parameters[period])) * second)
    return group


def _check_group(rule: Any, group: Any, side: str, transmit: str) -> None:
    """Raise a sentence when code reads a variable of the neuron, ``v_post``, that the group has not, or one name is used for two things."""
    own = brian2.Equations(rule.model).names | set(rule.parameters)
    read = {
        word
        for code in (rule.model, transmit, *(path.code for path in rule.pathways))
        for word in re.findall(r"[A-Za-z_]\w*", re.sub("#.*", "", code))
    }
    wanted = sorted(word.removesuffix(f"_{side}") for word in read - own if word.endswith(f"_{side}"))
    shared = sorted(own & internals.variable_names(group))
    if shared:
        raise UserError(
            f"{' and '.join(shared)} {'is a name' if len(shared) == 1 else 'are names'} of rule {rule.name!r} and of {group.name!r} too, "
            "and Brian2 keeps the names of synapses and neurons apart; rename in the neuron's equations."
        )
    missing = [variable for variable in wanted if variable not in internals.variable_names(group)]
    if missing:
        raise UserError(
            f"rule {rule.name!r} reads {', '.join(f'{variable}_{side}' for variable in missing)}, and {group.name!r} has no "
            f"{' and no '.join(missing)}; {_advice(rule, missing)}"
        )


def _advice(rule: Any, missing: list[str]) -> str:
    if rule.post is None or rule.post not in registry.catalogue("model"):
        return f"add a line for {'it' if len(missing) == 1 else 'each'} to the neuron's equations."
    model = registry.get("model", rule.post)
    equations = brian2.Equations(model.equations)
    lines = [str(equations[variable]).strip() for variable in missing if variable in equations]
    return f"add to its equations, as in model {model.name!r}: {'; '.join(lines)}."
