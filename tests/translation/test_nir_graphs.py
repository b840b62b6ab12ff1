"""NIR graphs of every form: what is between neurons is followed, nothing vanishes, and a damaged file is one sentence."""

from pathlib import Path

import numpy as np
import pytest
from translation_networks import samples_of

from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork, step_factor
from brian2chip.errors import UserError
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.translate import translate

nir = pytest.importorskip("nir", reason="the extra [nir] is not installed")
from brian2chip.translation.nir_read import CONVENTIONS, from_nir  # noqa: E402
from brian2chip.translation.nir_write import to_nir  # noqa: E402

FILES = Path(__file__).with_name("peers")


def ends(n_in=1, n_out=1):
    return {"input": nir.Input({"input": np.array([n_in])}), "output": nir.Output({"output": np.array([n_out])})}


def lif(n=1):
    """Return LIF neurons with the Euler factor 0.8 and gain 1 at 1 ms, threshold 1."""
    return nir.LIF(tau=np.full(n, 5e-3), r=np.full(n, 5.0), v_leak=np.zeros(n), v_threshold=np.ones(n), v_reset=np.zeros(n))


def graph(edges, n_in=1, n_out=1, **nodes):
    return nir.NIRGraph({**ends(n_in, n_out), **nodes}, [tuple(edge.split(">")) for edge in edges.split()], type_check=False)


def spikes(net, name, steps=20):
    """Return the steps at which neurons of a population spike when every input spikes in every step."""
    n_in = sum(p.size for p in net.populations if p.kind == "input")
    return float_run(net, samples_of(np.ones((1, steps, n_in), bool)), device="numpy").spikes[name][1].tolist()


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_an_event_adds_its_weight_to_neurons_without_leak(convention):
    """r = 1 and weight 0.4: Norse 1.1 fires at 2, 5, 8 and so on, and so does Sinabs, which writes r = 1 (case c01)."""
    net = from_nir(FILES / "if_r1.nir", convention=convention)
    assert spikes(net, "1") == [2, 5, 8, 11, 14, 17]


def test_we_write_r_of_1_and_still_read_what_we_wrote_before():
    net = SpikingNetwork(
        (Population("input", "input", 1), Population("h", "if", 1, {"v_threshold": 1.0, "reset": "zero"})),
        (Projection("input", "h", np.array([[0.4]])),),
        1e-3,
    )
    written = to_nir(net)
    assert written.nodes["h"].r.tolist() == [1.0]  # all that snnTorch 1.0 takes (case c11)
    written.nodes["h"].r[:] = 1000  # 1/dt, as this package wrote it once
    assert spikes(from_nir(written), "h") == spikes(net, "h") == [2, 5, 8, 11, 14, 17]


# v rises by 1.2 > 1 in each step (case c02).
CONSTANT = nir.Affine(np.zeros((1, 1)), np.array([1.2]))
DELAY = nir.Delay(np.array([2e-3]))
FLATTEN = nir.Flatten({"input": np.array([1])}, 0, -1)


@pytest.mark.parametrize(
    "edges, first",
    [
        ("input>a a>l l>output", 0),
        ("input>a a>f f>l l>output", 0),
        ("input>a a>d d>l l>output", 2),
        ("input>d d>a a>l l>output", 0),
        ("input>a a>d d>f f>l l>output", 2),
        ("input>a a>d d>half half>twice twice>l l>output", 2),
    ],
)
def test_a_bias_arrives_through_what_lies_behind_it(edges, first):
    more = {"d": DELAY, "f": FLATTEN, "half": nir.Linear(np.full((1, 1), 0.5)), "twice": nir.Linear(np.full((1, 1), 2.0))}
    used = {name: node for name, node in more.items() if f">{name} " in edges}
    net = from_nir(graph(edges, a=CONSTANT, l=lif(), **used))
    assert spikes(net, "l") == list(range(first, 20))


def test_biases_of_several_paths_and_delays_add_up():
    half = nir.Affine(np.zeros((1, 1)), np.array([0.6]))
    net = from_nir(graph("input>a input>b a>l b>d d>l l>output", a=half, b=half, d=DELAY, l=lif()))
    # 0.6, then 0.8 * 0.6 + 0.6 = 1.08 > 1 fires; from step 2 on 1.2 fires in each step
    assert spikes(net, "l") == list(range(1, 20))


def test_two_paths_are_one_projection_unless_their_delays_differ():
    a, b = nir.Linear(np.full((1, 1), 0.9)), nir.Linear(np.full((1, 1), 0.3))
    together = from_nir(graph("input>a input>b a>l b>l l>output", a=a, b=b, l=lif()))
    assert [c.weight.tolist() for c in together.projections] == [[[pytest.approx(1.2)]]] and len(spikes(together, "l")) == 20  # case c03
    apart = from_nir(graph("input>a input>b a>l b>d d>l l>output", a=a, b=b, d=DELAY, l=lif()))
    assert [(c.delay_steps, round(float(c.weight[0, 0]), 6)) for c in apart.projections] == [(0, 0.9), (2, 0.3)]


def test_linear_nodes_in_a_row_are_multiplied():
    rng = np.random.default_rng(0)
    first, second, b1, b2 = rng.normal(size=(5, 3)), rng.normal(size=(2, 5)), rng.normal(size=5), rng.normal(size=2)
    net = from_nir(graph("input>a a>b b>l l>output", 3, 2, a=nir.Affine(first, b1), b=nir.Affine(second, b2), l=lif(2)))
    np.testing.assert_allclose(net.projections[0].weight, (second @ first).T)
    np.testing.assert_allclose(net.population("l").parameters["bias"], second @ b1 + b2)


def test_a_linear_head_with_bias_and_delay():
    head = nir.Affine(np.array([[2.0]]), np.array([0.5]))
    net = from_nir(graph("input>w w>l l>h h>d d>output", w=nir.Linear(np.full((1, 1), 1.2)), l=lif(), h=head, d=DELAY))
    readout = float_run(net, samples_of(np.ones((1, 5, 1), bool)), device="numpy").readout["output"][0, :, 0]
    np.testing.assert_allclose(readout, [0, 0, 2.5, 2.5, 2.5])
    bare = from_nir(graph("input>w w>l l>output", w=nir.Linear(np.full((1, 1), 1.2)), l=lif()))
    assert [p.name for p in bare.populations] == ["input", "l"]


def nested(depth):
    inner = graph("input>w w>l l>output", w=nir.Linear(np.full((1, 1), 0.6)), l=lif())
    for _ in range(depth):
        inner = graph("input>g g>output", g=inner)
    return inner


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_nested_graphs_are_the_flat_one(depth, tmp_path):
    nir.write(tmp_path / "n.nir", nested(depth))
    for given in (nested(depth), tmp_path / "n.nir"):
        net, flat = from_nir(given), from_nir(nested(0))
        assert [c.weight.tolist() for c in net.projections] == [c.weight.tolist() for c in flat.projections]
        assert net.populations[1].name == "g." * depth + "l" and len(net.populations) == 2


def test_what_nested_graphs_may_not_be():
    two = nir.NIRGraph(
        {**ends(), "other": nir.Input({"input": np.array([1])}), "l": lif()}, [("input", "l"), ("other", "l"), ("l", "output")]
    )
    with pytest.raises(UserError, match="'g' of the NIR graph has 2 nodes Input"):
        from_nir(graph("input>g g>output", g=two))
    with pytest.raises(UserError, match="two nodes called 'g.l'"):
        from_nir(nir.NIRGraph({**ends(), "g.l": lif(), "g": nested(0)}, [("input", "g"), ("g", "output")], type_check=False))
    with pytest.raises(UserError, match="more than 20 levels"):
        from_nir(nested(25))


def test_one_parameter_for_all_and_files_that_the_type_check_refuses():
    scalar = from_nir(FILES / "scalar_lif.nir", convention="snntorch")  # beta 0.9, threshold 1, weights 0 to 5 (case c07)
    assert [(p.name, p.size) for p in scalar.populations] == [("input", 2), ("1", 3)]
    np.testing.assert_allclose(scalar.projections[0].weight, np.arange(6).reshape(3, 2).T, rtol=1e-6)
    np.testing.assert_allclose(step_factor(scalar.population("1"), 1e-4), 0.9, rtol=1e-6)
    rockpool = from_nir(FILES / "lif_rockpool.nir")
    assert [(p.name, p.size) for p in rockpool.populations] == [("input", 1), ("1_LIFNeuronTorch", 1)]


def test_sizes_come_through_what_has_none():
    one = nir.LIF(tau=np.array(5e-3), r=np.array(5.0), v_leak=np.array(0.0), v_threshold=np.array(1.0))
    net = from_nir(
        graph(
            "input>w w>f f>a a>b b>v v>output", 2, 4, w=nir.Linear(np.ones((3, 2))), f=FLATTEN, a=one, b=one, v=nir.Linear(np.ones((4, 3)))
        )
    )
    assert {p.name: p.size for p in net.populations} == {"input": 2, "a": 3, "b": 3, "output": 4}


def test_a_file_of_speck_is_feed_forward():
    """Its nodes are sorted by name, so that "1" stands before "input" (case c05)."""
    net = from_nir(FILES / "speck_feedforward.nir")
    assert [p.name for p in net.populations] == ["input", "1", "3"] and translate(net, "speck2f").refusals == ()


def test_populations_stand_in_the_order_of_the_paths():
    names = [str(k) for k in range(12)]
    chain = nir.NIRGraph(
        {**ends(), **{n: lif() for n in sorted(names)}}, list(zip(["input", *names], [*names, "output"])), type_check=False
    )
    assert [p.name for p in from_nir(chain).populations] == ["input", *names]


def test_time_constants_of_norse_in_seconds_and_times_a_step(caplog):
    old = from_nir(FILES / "lif_norse.nir", convention="norse")  # Norse of 2023: 2.5 ms
    assert "read as seconds" in caplog.text
    np.testing.assert_allclose(step_factor(old.population("1"), 1e-3), 1 - 1 / 2.5, rtol=1e-6)
    caplog.clear()
    new = graph("input>l l>output", l=nir.LIF(tau=np.array([2.5e-6]), r=np.ones(1), v_leak=np.zeros(1), v_threshold=np.ones(1)))
    np.testing.assert_allclose(step_factor(from_nir(new, convention="norse").population("l"), 1e-3), 1 - 1 / 2.5, rtol=1e-6)
    assert not caplog.text
    with pytest.raises(UserError, match="convention 'norse'"):
        from_nir(new)
    new.nodes["m"] = lif()
    with pytest.raises(UserError, match="neither all in seconds nor all times a step"):
        from_nir(new, convention="norse")


@pytest.mark.parametrize(
    "make, sentence",
    [
        (lambda: graph("input>a a>l l>output", a=nir.Linear(np.ones((3, 1))), l=lif(2)), "weight of the node 'a' has shape"),
        (lambda: graph("input>a a>l l>output", a=nir.Linear(np.ones((2, 5))), l=lif(2)), "joins 5 to 2 numbers, not 1 to 2"),
        (lambda: graph("input>l l>output", l=lif(2)), "joins|shape|size"),
        (lambda: graph("input>a a>l l>output", a=nir.Affine(np.ones((2, 1)), np.ones(3)), l=lif(2)), "bias of the node 'a' has 3 numbers"),
        (lambda: graph("input>d d>l l>output", d=nir.Delay(np.array([1.5e-3])), l=lif()), "no whole number of steps"),
        (lambda: graph("input>d d>l l>output", d=nir.Delay(np.array([2e-4])), l=lif()), "no whole number of steps"),
        (lambda: graph("input>d d>l l>output", d=nir.Delay(np.array([-1e-3])), l=lif()), "no whole number of steps"),
        (lambda: graph("input>d d>l l>output", 2, d=nir.Delay(np.array([1e-3, 2e-3])), l=lif(2)), "delays its channels differently"),
        (lambda: graph("input>a a>b b>a b>l l>output", a=nir.Linear(np.eye(1)), b=nir.Linear(np.eye(1)), l=lif()), "loop without neurons"),
        (lambda: graph("input>l l>output l>a", a=nir.Linear(np.eye(1)), l=lif()), "nothing follows the node 'a'"),
        (lambda: graph("input>a a>l l>output", a=nir.Linear(np.full((1, 1), np.nan)), l=lif()), "weight of the node 'a' .* finite"),
        (lambda: nir.NIRGraph({**ends(), "l": lif()}, [("input", "x")], type_check=False), "leads to the node 'x'"),
        (lambda: "nothing.nir", "no NIR file"),
        (lambda: 3, "given as int"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(make, sentence):
    with pytest.raises(UserError, match=sentence) as error:
        from_nir(make())
    assert str(error.value).count("\n") == 0


@pytest.mark.parametrize("name, value, sentence", [("fires", ">= 0 or", "value of 'fires'"), ("reset", "exec", "value of 'reset'")])
def test_metadata_is_from_a_closed_set(name, value, sentence):
    given = graph("input>l l>output", l=lif())
    given.nodes["l"].metadata[name] = value
    with pytest.raises(UserError, match=sentence):
        from_nir(given)


@pytest.mark.parametrize("dt", ["a", 0.0, -1.0, float("nan"), [1e-3, 2e-3]])
def test_a_step_is_a_positive_number(dt):
    given = graph("input>l l>output", l=lif())
    given.metadata = {"dt": dt}
    with pytest.raises(UserError, match="positive number of seconds"):
        from_nir(given)


def test_names_do_not_collide_when_they_are_written(tmp_path):
    sizes = {"a": 1, "a_b": 1, "a.b": 2, "b": 1, "é": 2, "a_b_delay": 1}
    populations = tuple(Population(n, "input" if n == "a" else "if", k, {} if n == "a" else {"v_threshold": 1.0}) for n, k in sizes.items())
    pairs = [("a", "b", 0), ("a", "b", 2), ("a_b", "a.b", 0), ("a", "a_b", 3), ("a.b", "é", 0)]
    projections = tuple(Projection(s, t, np.full((sizes[s], sizes[t]), 0.1 * (k + 1)), d) for k, (s, t, d) in enumerate(pairs))
    net = SpikingNetwork(populations, projections, 1e-3)
    to_nir(net, tmp_path / "n.nir")
    back = from_nir(tmp_path / "n.nir")
    same = lambda n: {(c.source, c.target, c.delay_steps, tuple(np.round(c.weight, 9).ravel())) for c in n.projections}  # noqa: E731
    assert same(back) == same(net) and {p.name: p.size for p in back.populations} == sizes
    with pytest.raises(UserError, match="'..' is no name of a node"):
        to_nir(SpikingNetwork((Population("..", "input", 1),), (), 1e-3))
    with pytest.raises(UserError, match="writable|cannot be written"):
        to_nir(net, "/proc/nowhere/n.nir")


def test_a_bias_is_written_wherever_it_can_be_and_never_lost():
    always = Population("h", "lif", 2, {"tau_m": 5e-3, "v_threshold": 1.0, "reset": "zero", "bias": 0.3})
    projections = (Projection("h", "h", np.full((2, 2), 0.1), 1), Projection("input", "h", np.zeros((1, 2)), 3))
    for kept in (projections, projections[::-1], projections[:1]):
        net = SpikingNetwork((Population("input", "input", 1), always), kept, 1e-3)
        np.testing.assert_allclose(from_nir(to_nir(net)).population("h").parameters["bias"], 0.3, rtol=1e-12)
    with pytest.raises(UserError, match="'h' has a bias and no connection"):
        to_nir(SpikingNetwork((always,), (), 1e-3))


@pytest.mark.parametrize("byte, bit", [(96, 7), (13963, 3), (10968, 5), (8089, 1)])
def test_a_damaged_file_is_read_right_or_one_sentence(byte, bit, tmp_path):
    """One bit flipped used to end the process inside the HDF5 library."""
    damaged = bytearray((FILES / "if_r1.nir").read_bytes())
    damaged[byte] ^= 1 << bit
    (tmp_path / "d.nir").write_bytes(damaged)
    if byte == 8089:  # in no part that matters
        assert len(from_nir(tmp_path / "d.nir").populations) == 2
        return
    with pytest.raises(UserError, match="d.nir") as error:
        from_nir(tmp_path / "d.nir")
    assert "\n" not in str(error.value)
