"""The network of Izhikevich 2007, figure 1: neurons, plastic and inhibitory synapses, and what sees a pair of spikes and rewards it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from brian2chip.core import registry
from brian2chip.core.brian2_objects import neurons
from brian2chip.core.equations import equations
from brian2chip.core.later import brian2, internals
from brian2chip.core.rule import Rule
from brian2chip.core.third_factors import without
from brian2chip.core.units import Quantity, ms, second
from brian2chip.engine.session import Session
from brian2chip.protocols.kept_apart import kept_apart
from brian2chip.protocols.network_objects import NAMESPACE, plastic_synapses

#: Rewards that may wait at once: far more than one neuron has spikes while the longest waits.
WAITING = 1024
#: Seconds that nothing lasts.
NEVER = 1e9
#: Seconds from a pair of spikes to its reward, at least and at most.
SOONEST, LATEST = 1.0, 3.0


@dataclass(frozen=True)
class Wiring:
    """Who is connected to whom: numbers of neurons, and (pre, post) of the plastic synapses, the rewarded one first, and of the others."""

    neurons: int
    excitatory: int
    plastic: tuple[np.ndarray, np.ndarray]
    inhibitory: tuple[np.ndarray, np.ndarray]


def wiring(n: int, rng: np.random.Generator) -> Wiring:
    """Return four fifths excitatory neurons, each with a tenth of all as targets, and inhibitory ones with as many excitatory targets.

    Targets are drawn with replacement, as in the author's program.
    """
    excitatory, targets = round(0.8 * n), max(1, round(0.1 * n))
    plastic = np.repeat(np.arange(excitatory), targets), rng.integers(0, n, excitatory * targets)
    fixed = np.repeat(np.arange(excitatory, n), targets), rng.integers(0, excitatory, (n - excitatory) * targets)
    return Wiring(n, excitatory, plastic, fixed)


def population(of: Wiring, rule: Rule, noise: float) -> tuple[Any, str, Rule]:
    """Return Izhikevich's neurons, the name of their membrane where the rule has one of its own, and the rule as it reads them.

    Excitatory neurons are regular spiking, inhibitory ones fast spiking; each has a new random current every ms.
    """
    model = registry.get("model", "izhikevich")
    apart, rule = kept_apart(model, rule)
    ours = dict(zip(model.parameters, apart.parameters))
    group = neurons(apart, of.neurons, per_neuron=(ours["a"], ours["d"]), name="post")
    for name in ("a", "d"):
        values = [float(model.presets[kind][name]) for kind in ("RS", "FS")]
        setattr(group, ours[name], np.where(np.arange(of.neurons) < of.excitatory, *values))
    variables = dict(zip(equations(model.equations), equations(apart.equations)))
    group.run_regularly(f"{variables['I']} = {noise!r}*(rand() - 0.5)", dt=1 * ms, name="random_current")
    return group, variables["v"], rule


def learning(
    s: Session,
    rule: Rule,
    group: Any,
    membrane: str,
    of: Wiring,
    start: Mapping[str, np.ndarray],
    unit: Quantity,
    delay: Quantity,
    tissue: Any,
) -> list:
    """Return the plastic synapses, first in the list, and the inhibitory ones; a weight of ``unit`` moves the membrane by 1 mV."""
    own = replace(rule if tissue is None else without(rule, {"dopamine"}), parameters={**rule.parameters, "unit_weight": unit})
    start = {name: value for name, value in start.items() if name in own.initial}
    plastic = plastic_synapses(s, own, group, group, *of.plastic, start, {"drive": f"{membrane}_post += ({rule.weight})/unit_weight"})
    for name, later in [*((path.name, path.delay_s) for path in rule.pathways if path.side == "pre"), ("drive", 0.0)]:
        getattr(plastic, name).delay = delay + later * second
    if tissue is not None:
        internals.add_link(plastic, "dopamine", tissue, "d", "0")
    others = brian2.Synapses(group, group, on_pre=f"{membrane}_post -= 1", delay=delay, name="inhibitory", namespace=NAMESPACE)
    others.connect(i=of.inhibitory[0], j=of.inhibitory[1])
    return [plastic, others]


def rewarding(group: Any, of: Wiring, options: Mapping[str, Any]) -> tuple[Any, Any, list]:
    """Return the tissue with its dopamine d, the monitor of rewards, and the other objects that reward the first plastic synapse.

    When its postsynaptic neuron fires soon enough after its presynaptic one, a reward is due 1 to 3 s later, at a random time.
    """
    tissue = brian2.NeuronGroup(
        1,
        "dd/dt = (tonic - d)/tau_d : 1\ntonic : 1 (constant)\ntau_d : second (constant)\nt_first : second\npaired : 1\nrewards : 1",
        method="exact",
        name="tissue",
        namespace=NAMESPACE,
    )
    tissue.tonic, tissue.d, tissue.tau_d = options["tonic"], options["tonic"], options["tau_d_ms"] * ms
    tissue.t_first = -NEVER * second
    waiting = brian2.NeuronGroup(
        WAITING, "due : second", threshold="t >= due", reset=f"due = {NEVER!r}*second", name="waiting", namespace=NAMESPACE
    )
    waiting.due = NEVER * second
    soon = f"int(t > t_first_post)*int(t - t_first_post < {options['within_ms'] - 1e-3!r}*ms)"
    wait = f"{SOONEST!r}*second + {LATEST - SOONEST!r}*second*rand()"
    code = {  # in this order at equal times: a pair has one spike after the other
        "first": (group, tissue, "t_first_post = t"),
        "pair": (group, tissue, f"paired_post = {soon}\nrewards_post += paired_post"),
        "promise": (group, waiting, f"due_post += (t + {wait} - due_post)*int(paired > 0.5)*int(j == int(rewards) % N_post)"),
        "given": (waiting, tissue, f"d_post += {options['reward']!r}"),
    }
    links = {name: brian2.Synapses(*ends, on_pre=text, name=name, namespace=NAMESPACE) for name, (*ends, text) in code.items()}
    for name in ("paired", "rewards"):
        internals.add_link(links["promise"], name, tissue, name, "0")
    first, last = int(of.plastic[0][0]), int(of.plastic[1][0])
    links["first"].connect(i=[first], j=[0])
    links["pair"].connect(i=[last], j=[0])
    links["promise"].connect(i=np.full(WAITING, last), j=np.arange(WAITING))
    links["given"].connect(i=np.arange(WAITING), j=np.zeros(WAITING, int))
    for order, link in enumerate(links.values()):
        link.pre.order = order - len(links)
    return tissue, brian2.SpikeMonitor(waiting, name="given_rewards"), [waiting, *links.values()]
