"""Discrete-time neurons: every combination against a NumPy loop, constant input against closed forms, and what the catalogue shows."""

import itertools
from dataclasses import replace

import brian2
import numpy as np
import pytest
from brian2 import Network, NeuronGroup, StateMonitor
from brian2.groups.group import CodeRunner

from brian2chip.cli import main
from brian2chip.core import registry
from brian2chip.core.neuron_kinds import KINDS, RESETS, step_constants
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning import network as learning_network
from brian2chip.learning.setup import shape_of
from brian2chip.models.discrete import RESET_CODE, DiscreteNeuron, neuron_of
from brian2chip.models.eprop import NEURON
from brian2chip.protocols.network_objects import neurons, si
from brian2chip.translation.reference_network import build

CONSTANTS = {
    "alpha": 0.9,
    "rho": 0.95,
    "alpha_syn": 0.6,
    "gain": 0.7,
    "bias": 0.05,
    "v_th": 1.0,
    "beta": 0.3,
    "n_ref": 3.0,
    "v_reset": -0.2,
}
CATALOGUE = ("lif_discrete", "alif_discrete", "if_discrete", "li_discrete")


def run(neuron, constants, drive, device="numpy"):
    """Return membranes before the reset, and spikes, both [steps, n], for input [steps, n] that has arrived at the start of each step."""
    steps, n = drive.shape
    with session(device, dt=1e-3) as s:
        equations = neuron.equations + neuron.declared() + "before : 1\n"
        given = brian2.TimedArray(drive, dt=1e-3 * brian2.second)
        threshold, reset = (neuron.threshold, neuron.reset_code) if neuron.spikes else (None, None)
        group = NeuronGroup(n, equations, threshold=threshold, reset=reset, namespace={"given": given})
        for name in neuron.constants:
            s.input(name, group, name, constants[name])
        arrives = neuron.on_pre.replace("_post", "").replace("w", "given(t, i)") + "\n"
        first = arrives + neuron.integrate if neuron.collected else neuron.integrate + arrives
        group.run_regularly(first + "before = v\n" + neuron.fire, when="start")
        monitor = StateMonitor(group, ["before", *(["z"] if neuron.spikes else [])], record=True, when="end")
        s.run(Network(group, monitor), steps * 1e-3)
        return np.array(monitor.before).T, np.array(monitor.z).T if neuron.spikes else None


def loop(neuron, c, drive):
    """The same in NumPy, written from the docstring of models/discrete.py and not from its strings."""
    steps, n = drive.shape
    v, current, b, last, silent = (np.zeros(n) for _ in range(5))
    membranes, spikes = np.zeros((steps, n)), np.zeros((steps, n))
    for t in range(steps):
        arriving = drive[t] * (c["gain"] if neuron.gain else 1) + (c["bias"] if neuron.bias else 0)
        if neuron.filtered:
            current = c["alpha_syn"] * current + arriving
            arriving = current
        v = (c["alpha"] if neuron.leak else 1) * v + arriving
        if neuron.spikes and neuron.reset == "subtract":
            v = v - c["v_th"] * last
        b = c["rho"] * b + last
        threshold = c["v_th"] + (c["beta"] * b if neuron.adaptive else 0)
        membranes[t] = v
        if not neuron.spikes:
            continue
        reached = v > threshold if neuron.fires == ">" else v >= threshold
        last = (reached & (silent <= 0 if neuron.refractory else True)).astype(float)
        silent = np.where(last == 1, c["n_ref"] - 1, silent - 1)
        if neuron.reset == "subtract_at_once":
            v = v - c["v_th"] * last
        if neuron.reset == "zero":
            v = np.where(last == 1, c["v_reset"], v)
        spikes[t] = last
    return membranes, spikes


def variants():
    """Every reset and comparison with and without each of the other lines, and readouts."""
    for reset, fires in itertools.product(RESETS, (">", ">=")):
        plain = DiscreteNeuron(reset=reset, fires=fires, gain=False)
        for change in (
            {},
            {"collected": False},
            {"leak": False},
            {"adaptive": True},
            {"refractory": True},
            {"gain": True},
            {"bias": True},
            {"filtered": True},
        ):
            yield replace(plain, **change)
        yield DiscreteNeuron(reset=reset, fires=fires, adaptive=True, refractory=True, bias=True, filtered=True)
    yield DiscreteNeuron(spikes=False)
    yield DiscreteNeuron(spikes=False, collected=False)
    yield DiscreteNeuron(spikes=False, gain=False, bias=True, filtered=True)


@pytest.mark.parametrize("neuron", variants(), ids=str)
def test_every_neuron_is_the_step_by_step_loop(neuron):
    drive = np.random.default_rng(1).normal(0.25, 0.5, (120, 9))
    v, z = run(neuron, CONSTANTS, drive)
    expected_v, expected_z = loop(neuron, CONSTANTS, drive)
    np.testing.assert_allclose(v, expected_v, rtol=0, atol=1e-12)
    if neuron.spikes:
        np.testing.assert_array_equal(z, expected_z)
        assert 30 < z.sum() < z.size / 2


def test_compiled_as_interpreted():
    neuron = DiscreteNeuron(adaptive=True, refractory=True, bias=True, filtered=True, reset="zero")
    drive = np.random.default_rng(2).normal(0.4, 0.5, (60, 5))
    v, z = run(neuron, CONSTANTS, drive, device="cpp_standalone")
    expected_v, expected_z = loop(neuron, CONSTANTS, drive)
    np.testing.assert_array_equal(z, expected_z)
    np.testing.assert_allclose(v, expected_v, rtol=0, atol=1e-12)


@pytest.mark.parametrize("fires, at_threshold", [(">", 0), (">=", 1)])
@pytest.mark.parametrize("adaptive", [False, True])
def test_exactly_at_threshold(fires, at_threshold, adaptive):
    neuron = DiscreteNeuron(fires=fires, adaptive=adaptive, gain=False)
    below, above = np.nextafter(1.0, 0), np.nextafter(1.0, 2)
    _, z = run(neuron, CONSTANTS, np.array([[below, 1.0, above]]))
    np.testing.assert_array_equal(z, [[0, at_threshold, 1]])


@pytest.mark.parametrize("n_ref, interval", [(0, 1), (1, 1), (2, 2), (5, 5)])
def test_refractoriness_is_the_least_interval(n_ref, interval):
    neuron = DiscreteNeuron(refractory=True, gain=False, reset="zero")
    _, z = run(neuron, {**CONSTANTS, "n_ref": n_ref, "v_reset": 0.0}, np.full((20, 1), 3.0))  # above threshold at every step
    np.testing.assert_array_equal(np.flatnonzero(z[:, 0]), np.arange(0, 20, interval))


@pytest.mark.parametrize("alpha", [0.8, 0.99])
def test_leaky_integrator_and_filter_have_their_closed_forms(alpha):
    t, s, c = np.arange(1, 51), 0.6, {**CONSTANTS, "alpha": alpha}
    v, _ = run(DiscreteNeuron(spikes=False), c, np.full((50, 1), 2.0))
    np.testing.assert_allclose(v[:, 0], 0.7 * 2.0 * (1 - alpha**t) / (1 - alpha), rtol=1e-12)  # a geometric series
    pulse = np.zeros((50, 1))
    pulse[0] = 1.0
    v, _ = run(DiscreteNeuron(spikes=False, gain=False, filtered=True), c, pulse)
    np.testing.assert_allclose(v[:, 0], (alpha**t - s**t) / (alpha - s), rtol=1e-10)  # the convolution of two of them


@pytest.mark.parametrize("bias", [0.12, 0.3, 0.99])
def test_constant_input_to_a_leaky_neuron_gives_the_closed_form_interval(bias):
    neuron, alpha = DiscreteNeuron(gain=False, bias=True, reset="zero", fires=">="), 0.9
    _, z = run(neuron, {**CONSTANTS, "bias": bias, "v_reset": 0.0}, np.zeros((200, 1)))
    # bias (1 - alpha^T)/(1 - alpha) >= 1 for the first time
    interval = int(np.ceil(np.log(1 - (1 - alpha) / bias) / np.log(alpha)))
    np.testing.assert_array_equal(np.flatnonzero(z[:, 0]), np.arange(interval - 1, 200, interval))


@pytest.mark.parametrize("reset", ["subtract", "subtract_at_once"])
@pytest.mark.parametrize("bias", [0.25, 0.375, 0.75])  # multiples of 1/8, so that sums are exact and meet the threshold
def test_without_leak_subtraction_loses_no_input(reset, bias):
    for fires, spike_step in ((">=", lambda k: np.ceil(k / bias)), (">", lambda k: np.floor(k / bias) + 1)):
        neuron = DiscreteNeuron(leak=False, gain=False, bias=True, reset=reset, fires=fires)
        _, z = run(neuron, {**CONSTANTS, "bias": bias}, np.zeros((64, 1)))
        k = np.arange(1, z.sum() + 1)
        np.testing.assert_array_equal(np.flatnonzero(z[:, 0]) + 1, spike_step(k))


def test_subtraction_acts_after_the_leak_of_the_next_step_or_before():
    pulse = np.zeros((3, 1))
    pulse[0] = 1.5
    late, _ = run(DiscreteNeuron(gain=False), CONSTANTS, pulse)
    at_once, _ = run(DiscreteNeuron(gain=False, reset="subtract_at_once"), CONSTANTS, pulse)
    np.testing.assert_allclose(late[1], 0.9 * 1.5 - 1.0)
    np.testing.assert_allclose(at_once[1], 0.9 * (1.5 - 1.0))


def test_threshold_rises_by_beta_after_a_spike_and_decays_by_rho():
    # Every further step asks for exactly the threshold beta rho^k above v_th, and a hair less in the second neuron.
    c = {**CONSTANTS, "v_th": 0.5, "beta": 0.25, "rho": 0.5, "n_ref": 0.0, "v_reset": 0.0}
    neuron = DiscreteNeuron(leak=False, gain=False, adaptive=True, reset="zero")
    for k in range(1, 5):
        drive = np.zeros((k + 1, 2))
        drive[0], needed = 1.0, 0.5 + 0.25 * 0.5 ** (k - 1)
        drive[k] = needed, np.nextafter(needed, 0)
        _, z = run(neuron, c, drive)
        np.testing.assert_array_equal(z[k], [1, 0])


def test_unknown_reset_and_comparison():
    with pytest.raises(UserError, match="there is no reset of a neuron called 'substract'; did you mean 'subtract'"):
        DiscreteNeuron(reset="substract")
    with pytest.raises(UserError, match="comparison"):
        DiscreteNeuron(fires="=>")
    with pytest.raises(UserError, match="must be collected too"):
        DiscreteNeuron(filtered=True, collected=False)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "input"])
def test_the_kinds_of_networks_are_those_of_the_equations(kind):
    needs, takes = KINDS[kind]
    for given in (needs, needs + takes, *(needs + (name,) for name in takes)):
        if "tau_rise" in given and "tau_syn" not in given:  # one needs the other
            given = (*given, "tau_syn")
        choice, fixed = {"reset": "zero", "fires": ">"}, {"reset": "zero" if kind == "lif_exact" else "subtract", "fires": ">="}
        parameters = {name: choice.get(name, 0.5) for name in given}
        neuron = neuron_of(kind, parameters)
        constants = set(step_constants(parameters, 1e-3))
        # A value of v_reset is used by the reset to zero only, and is 0 when it is left out.
        assert set(neuron.constants) - {"v_reset"} == constants - {"v_reset"}
        for name, value in choice.items():
            assert getattr(neuron, name) == (value if name in given else fixed[name])
    assert set(RESETS) == set(RESET_CODE)


def runners(group):
    """Return the code that built Brian2 objects run, in the order of their names."""
    return [o.abstract_code for o in sorted(group.contained_objects, key=lambda o: o.name) if type(o) is CodeRunner]


@pytest.mark.parametrize("name", CATALOGUE)
def test_show_prints_what_runs(name, capsys):
    model = registry.get("model", name)
    with session("numpy", dt=model.dt) as s:
        group = neurons(s, model, 2)
        s.run(Network(group), model.dt)
        code = [line for block in runners(group) for line in block.splitlines()]
        declared = {str(e).split(" : ")[0] for e in group.equations.values()}
        threshold = group.events.get("spike", "")
        reset = group.event_codes.get("spike") or ""
    assert main(["show", name]) == 0
    shown = capsys.readouterr().out
    assert all(line in shown for line in (*code, threshold, reset))
    assert all(f"{variable} : 1" in shown or f"{variable} = " in shown for variable in declared)
    assert {line for line in code if line} == {line for block, _ in model.regular for line in block.splitlines()}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the constants have no values here
@pytest.mark.parametrize("name", ["eprop", "eprop_events"])
def test_show_of_e_prop_prints_what_learning_runs(name, capsys):
    task = registry.get("task", "pattern_generation")
    with session("numpy", dt=task.dt) as s:
        built = learning_network.build(shape_of(task, task.network, replace(task.training, rule=name)))
        s.run(built["network"], task.dt)
        group = built["rec"]
        ran = runners(group)
        declared, threshold = group.equations.names, group.events["spike"]
    model = registry.get("model", name)
    assert all(block in ran for block, _ in model.regular)
    assert threshold == model.threshold and set(declared) == set(brian2.Equations(model.equations).names)
    assert main(["show", name]) == 0
    shown = capsys.readouterr().out
    assert all(line in shown for block, _ in model.regular for line in block.splitlines())


def test_the_reference_simulation_and_learning_run_the_same_lines():
    kinds = {"tau_m": 0.02, "v_threshold": 0.6, "tau_a": 2.0, "beta": 0.1, "refractory": 5e-3, "gain": 0.5, "fires": ">"}
    ends = (Population("input", "input", 1), Population("rec", "alif", 2, kinds))
    network = SpikingNetwork(ends, (Projection("input", "rec", np.ones((1, 2))),), 1e-3)
    with session("numpy", dt=1e-3) as s:
        net, _, groups = build(s, network, s.table("events", np.zeros((3, 1), np.uint8)), 3, 3)
        s.run(net, 1e-3)
        code = "".join(runners(groups["rec"]))
    assert NEURON.integrate in code and NEURON.fire in code and NEURON == neuron_of("alif", kinds)


def test_catalogue_models_run_with_parameters_of_their_own():
    model = registry.get("model", "lif_discrete").with_parameters(alpha=0.5, v_th=0.75)
    with session("numpy", dt=1e-3) as s:
        group = neurons(s, model, 1)
        group.run_regularly("I = 0.5", when="start", order=-1)
        states = StateMonitor(group, "v", record=True, when="end")
        s.run(Network(group, states), 3e-3)
        v = np.array(states.v)[0]
    np.testing.assert_allclose(v, [0.5, 0.75, 0.875])  # at the threshold, which is no spike; then above it
    with pytest.raises(UserError, match="between"):
        model.with_parameters(alpha=1.1)
    assert si(model.parameters["step"]) == model.dt
