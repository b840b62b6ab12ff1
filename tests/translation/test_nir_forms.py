"""NIR beyond matrices: planes, resting potentials, resets, steps, files without ends, and a recurrent network as published ones are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from translation_networks import samples_of

from brian2chip.cli import main
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork, step_factor
from brian2chip.errors import UserError
from brian2chip.translation.folder import load
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.spike_files import save_samples
from brian2chip.translation.translate import translate

nir = pytest.importorskip("nir", reason="the extra [nir] is not installed")
import nir_euler  # noqa: E402

from brian2chip.translation import nir_windows  # noqa: E402
from brian2chip.translation.nir_read import from_nir  # noqa: E402
from brian2chip.translation.nir_write import to_nir  # noqa: E402

FILES = Path(__file__).with_name("peers")
LIF = dict(r=np.array(5.0), v_leak=np.array(0.0), v_threshold=np.array(1.0))


def lif(**changes):
    """Return LIF neurons with the Euler factor 0.8 and gain 1 at 1 ms, threshold 1, one value for all."""
    return nir.LIF(**{"tau": np.array(5e-3), **LIF, **changes})


def chain(shape, *nodes, metadata=None):
    ends = [("input", nir.Input({"input": np.array(shape)})), *((str(k), node) for k, node in enumerate(nodes))]
    names = [name for name, _ in ends]
    return nir.NIRGraph(dict(ends), list(zip(names, names[1:])), metadata=metadata or {}, type_check=False)


def spikes(net, name, steps=20):
    n_in = sum(p.size for p in net.populations if p.kind == "input")
    return float_run(net, samples_of(np.ones((1, steps, n_in), bool)), device="numpy").spikes[name][1].tolist()


def conv(weight, **how):
    given = dict(input_shape=None, stride=1, padding=0, dilation=1, groups=1, bias=np.zeros(len(weight)))
    return (nir.Conv1d if weight.ndim == 3 else nir.Conv2d)(weight=weight, **{**given, **how})


def test_a_convolution_by_hand():
    """A kernel (1, 2) over (a, b, c) gives (a + 2 b, b + 2 c); with a zero on each side (2 a, a + 2 b, b + 2 c, c)."""
    net = from_nir(chain((1, 3), conv(np.array([[[1.0, 2.0]]])), lif()))
    np.testing.assert_allclose(net.projections[0].weight.T, [[1, 2, 0], [0, 1, 2]])
    net = from_nir(chain((1, 3), conv(np.array([[[1.0, 2.0]]]), padding=1), lif()))
    np.testing.assert_allclose(net.projections[0].weight.T, [[2, 0, 0], [1, 2, 0], [0, 1, 2], [0, 0, 1]])


def test_poolings_by_hand():
    """Two channels of 2 x 4: sums over squares of 2 x 2, and means over pairs in a row that overlap by one."""
    net = from_nir(chain((2, 2, 4), nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])), lif()))
    expected = np.zeros((4, 16))
    expected[0, [0, 1, 4, 5]] = expected[1, [2, 3, 6, 7]] = expected[2, [8, 9, 12, 13]] = expected[3, [10, 11, 14, 15]] = 1
    np.testing.assert_allclose(net.projections[0].weight.T, expected)
    net = from_nir(chain((1, 1, 3), nir.AvgPool2d(np.array([1, 2]), np.array([1, 1]), np.array([0, 0])), lif()))
    np.testing.assert_allclose(net.projections[0].weight.T, [[0.5, 0.5, 0], [0, 0.5, 0.5]])


def test_convolutions_in_a_row_find_their_planes_through_neurons_that_have_none():
    """The neurons between have flat parameters, as some exporters write them, and the last ones a single value."""
    first = conv(np.ones((2, 1, 2, 2)))
    flat = lif(**{name: np.full(18, value) for name, value in (("tau", 5e-3), ("r", 5.0), ("v_leak", 0.0), ("v_threshold", 1.0))})
    last = (nir.Flatten({"input": np.array([1])}), nir.Linear(np.ones((2, 1))), lif())
    net = from_nir(chain((4, 4), first, flat, conv(np.ones((1, 2, 3, 3))), lif(), *last))
    assert [(p.name, p.size) for p in net.populations] == [("input", 16), ("1", 18), ("3", 1), ("6", 2)]


def test_what_planes_cannot_be_is_one_sentence():
    kernel = np.ones((1, 1, 3, 3))
    for graph, sentence in (
        (chain((2, 5, 5), conv(kernel), lif()), r"shape \(2, 5, 5\); it needs 1 channels of planes"),
        (chain((25,), conv(kernel), lif()), "give its input that shape"),
        (chain((1, 2, 2), conv(kernel), lif()), "window of the node '0' is larger than the plane of 2 x 2"),
        (chain((1, 5, 5), conv(kernel, stride=2, padding="same"), lif()), r"padding of the node '0' \(Conv2d\) is 'same' with a stride"),
        (chain((1, 5, 5), conv(kernel, stride=np.array([1.5, 1])), lif()), "stride of the node '0' .* whole numbers from 1"),
        (chain((1, 5, 5), conv(kernel, bias=np.ones(2)), lif()), "bias of the node '0' has 2 numbers; it gives 9"),
        (chain((2, 5, 5), conv(np.ones((3, 1, 3, 3)), groups=2), lif()), r"weights from 1 x 2 \(groups\) to 3 channels"),
        (chain((3, 5, 5), nir.SumPool2d(np.array([2, 2, 2]), np.array(1), np.array(0)), lif()), "kernel_size of the node '0'"),
        (chain((4, 4), nir.SumPool2d(np.array([5, 5]), np.array(1), np.array(0)), lif()), "window of the node '0' is larger"),
    ):
        with pytest.raises(UserError, match=sentence) as error:
            from_nir(graph)
        assert "\n" not in str(error.value)
    with pytest.raises(UserError, match="nothing says the shape of what the node 'c'"):
        from_nir(nir.NIRGraph({"c": conv(kernel), "l": lif()}, [("c", "l")], type_check=False))


def test_a_convolution_too_large_says_how_many_addresses_it_takes(monkeypatch):
    graph = chain((1, 8, 8), conv(np.ones((8, 1, 3, 3)), padding="same"), lif())
    assert translate(from_nir(graph), "tinyodin").refusals[-1] == (
        "the convolution 0 takes 576 addresses when it is unrolled, 64 for what it gets and 512 for what it gives; tinyodin has 256 "
        "addresses shared by inputs and neurons."
    )
    monkeypatch.setattr(nir_windows, "MOST_SYNAPSES", 1000)
    with pytest.raises(
        UserError, match="unrolled, the node '0' takes 576 addresses .64 for what it gets, 512 for what it gives., 4,608 synapses"
    ):
        from_nir(graph)


def test_shared_weights_are_noted():
    net = from_nir(chain((1, 5), conv(np.array([[[0.5, 1.0]]])), nir.IF(np.ones(4), np.ones(4))))
    assert net.provenance["unrolled"] == [{"node": "0", "weights": 2, "synapses": 8, "inputs": 5, "outputs": 4}]
    found = translate(net, "tinyodin")
    assert any("convolution 0 is unrolled: its 2 shared weights are 8 synapses" in note for note in found.checked().notes)
    strange = replace(net, provenance={"unrolled": [3, {"node": "x"}, {"node": 1, "weights": "2"}]})
    assert "convolution" not in " ".join(translate(strange, "tinyodin").notes)


def test_large_sparse_weights_are_connected_where_they_are_not_zero():
    rng, w = np.random.default_rng(0), np.zeros((300, 300))
    w[rng.integers(0, 300, 900), rng.integers(0, 300, 900)] = rng.normal(0.5, 1, 900)
    net = SpikingNetwork(
        (Population("input", "input", 300), Population("h", "if", 300, {"v_threshold": 1.0, "reset": "zero"})),
        (Projection("input", "h", w),),
        1e-3,
    )
    x = rng.random((1, 6, 300)) < 0.3
    _, t, i = float_run(net, samples_of(x), device="numpy").spikes["h"]
    v, expected = np.zeros(300), []
    for step in range(6):
        v = v + x[0, step] @ w
        expected += [(step, k) for k in np.nonzero(v >= 1)[0]]
        v[v >= 1] = 0
    assert list(zip(t, i)) == expected and len(expected) > 50


def test_a_resting_potential_above_threshold_fires_by_itself():
    """two_lif_neurons.nir: 1.2 (1 - 0.99^n) exceeds 1 from n = log(1/6)/log(0.99) = 178.3 steps of 0.1 ms on; reset to 0."""
    net = from_nir(FILES / "two_lif_neurons.nir", dt=1e-4)
    assert spikes(net, "lif1", 122) == [60, 121]  # with the input, of weight 1, in each step: 2.2 (1 - 0.99^n) exceeds 1 from n = 60.3 on
    silent = samples_of(np.zeros((1, 540, 1), bool))
    for one in (net, from_nir(to_nir(net))):
        run = float_run(one, silent, device="numpy")
        assert run.spikes["lif1"][1].tolist() == [178, 357, 536] and not len(run.spikes["lif2"][1])


def test_norse_starts_from_rest():
    """Norse's cells start at v_leak, so that one at rest below its threshold stays silent, and one pushed needs less."""
    given = lif(v_leak=np.array(0.9), tau=np.array(5e-6))  # Norse 1.1: times its step
    net = from_nir(chain((1,), nir.Linear(np.array([[0.15]])), given), convention="norse")
    run = float_run(net, samples_of(np.array([[[False], [True], [False]]])), device="numpy")
    assert run.spikes["1"][1].tolist() == [1]  # 0.9 + 0.15 > 1; from 0 it would be at 0.18 and 0.474
    np.testing.assert_allclose(net.population("1").parameters["v_threshold"], 0.1)
    np.testing.assert_allclose(net.population("1").parameters["v_reset"], -0.9)


def test_currents_do_not_filter_a_resting_potential(tmp_path):
    cuba = nir.CubaLIF(np.array([5e-3]), np.array([5e-3]), np.array([1.0]), np.array([1.2]), np.array([1.0]))
    graph = nir.NIRGraph({"input": nir.Input({"input": np.array([1])}), "c": cuba}, [("input", "c")])
    net = from_nir(graph)
    # 1.2 (1 - 0.8^n) exceeds 1 for n = 9: 1.2 (1 - 0.1342) = 1.039; through the current it would rise later
    for one in (net, from_nir(to_nir(net, tmp_path / "n.nir")), from_nir(tmp_path / "n.nir")):
        assert float_run(one, samples_of(np.zeros((1, 20, 1), bool)), device="numpy").spikes["c"][1].tolist() == [8, 17]
    resting = Population("h", "lif", 1, {"tau_m": 5e-3, "v_threshold": 1.0, "reset": "zero", "v_leak": 0.5})
    bare = SpikingNetwork((Population("input", "input", 1), resting), (Projection("input", "h", np.ones((1, 1))),), 1e-3)
    assert any("resting potential" in text for text in translate(bare, "tinyodin").refusals)
    with pytest.raises(UserError, match="has a v_leak"):
        bare.state_dict()


def test_a_reset_is_as_given(caplog):
    graph = chain((1,), nir.Linear(np.array([[1.6]])), lif(v_reset=np.array(0.2)))
    # 1.6 fires; from 0.2: 0.8*0.2 + 1.6; subtracting, 0.6 is left and 0.8*0.6 + 1.6 = 2.08 leaves 1.08, 2.464 leaves 1.464, and so on
    reads = {reset: from_nir(graph, reset=reset).population("1").parameters for reset in (None, "zero", "subtract", "subtract_at_once")}
    assert [p["reset"] for p in reads.values()] == ["zero", "zero", "subtract", "subtract_at_once"]
    np.testing.assert_allclose(reads["zero"]["v_reset"], 0.2)
    assert "v_reset" not in reads["subtract"] and caplog.text.count("v_reset of the node '1'") == 2
    assert from_nir(FILES / "if_r1.nir", reset="subtract").population("1").parameters["reset"] == "subtract"
    with pytest.raises(UserError, match="no reset of a neuron called 'zer0'"):
        from_nir(graph, reset="zer0")


def test_a_step_is_as_given_then_as_stated_then_as_is_the_convention(caplog):
    stated, silent = chain((1,), lif(), metadata={"dt": 5e-4}), chain((1,), lif())
    assert [from_nir(g, convention="snntorch").dt for g in (stated, silent)] == [5e-4, 1e-4] and not caplog.text
    assert [from_nir(g, convention="snntorch", dt=1e-3).dt for g in (stated, silent)] == [1e-3, 1e-3]
    assert caplog.text.count("states a step of 0.0005 s; it is read with 0.001 s") == 1
    np.testing.assert_allclose(step_factor(from_nir(stated).population("0"), 5e-4), 0.9)
    by_node = chain((1,), lif(metadata={"dt": 5e-4}), lif(metadata={"dt": 5e-4}))
    net = from_nir(by_node, convention="snntorch")
    assert net.dt == 5e-4 and net.population("0").parameters["reset"] == "subtract"  # a step is no reset
    by_node.nodes["1"].metadata["dt"] = 1e-4
    with pytest.raises(UserError, match="its nodes state steps from 0.0001 to 0.0005 s"):
        from_nir(by_node)
    assert from_nir(by_node, dt=1e-4).dt == 1e-4


def test_the_command_takes_step_and_reset(tmp_path, capsys):
    nir.write(tmp_path / "n.nir", chain((2,), nir.Linear(np.eye(2)), nir.IF(np.ones(2), np.ones(2))))
    assert main(["translate", str(tmp_path / "n.nir"), "--chip", "loihi", "--out", str(tmp_path / "o"), "--dt", "0.5ms"]) == 0
    assert load(tmp_path / "o").network.dt == 5e-4
    for how, sentence in (
        (["--dt", "5 mV"], "give one time"),
        (["--dt", "-1"], "positive"),
        (["--reset", "subtract"], "resets by 'subtract'"),
    ):
        assert main(["translate", str(tmp_path / "n.nir"), "--chip", "loihi", "--out", str(tmp_path / "p"), *how]) == 2
        assert sentence in capsys.readouterr().err
    from_nir(tmp_path / "n.nir").save(tmp_path / "n.npz")
    assert main(["translate", str(tmp_path / "n.npz"), "--chip", "loihi", "--out", str(tmp_path / "p"), "--dt", "1ms"]) == 2
    assert "are of NIR files" in capsys.readouterr().err


def test_spikes_of_a_nir_data_file_drive_the_chip(tmp_path, capsys):
    pytest.importorskip("nir.data_ir", reason="this version of nir has no data files")
    x = np.zeros((2, 10, 2), bool)
    x[0, ::2, 0] = x[1, 1::2, 1] = True
    nir.write(tmp_path / "n.nir", chain((2,), nir.Linear(np.eye(2)), nir.IF(np.ones(2), np.full(2, 0.5))))
    data = nir.NIRGraphData({"input": nir.NIRNodeData({"spikes": nir.TimeGriddedData(x, 1e-3)})})
    nir.write_data(tmp_path / "x.nir", data)
    save_samples(samples_of(x), tmp_path / "x.npz")
    paths = {name: str(tmp_path / name) for name in ("n.nir", "x.nir", "x.npz", "o", "spikes.nir")}
    assert main(["translate", paths["n.nir"], "--chip", "tinyodin", "--out", paths["o"], "--calibration", paths["x.nir"]]) == 0
    said = {}
    for name in ("x.nir", "x.npz"):
        capsys.readouterr()
        assert main(["simulate", paths["o"], "--input", paths[name], "--out", paths["spikes.nir"]]) == 0
        said[name] = capsys.readouterr().out
    assert said["x.nir"] == said["x.npz"] and "answer 1" in said["x.nir"]
    back = nir.read_data(paths["spikes.nir"]).nodes
    assert np.array_equal(back["input"].observables["spikes"].data, x) and back["1"].observables["spikes"].data.any()


def test_ends_may_be_left_out_but_not_before_a_matrix():
    one = nir.NIRGraph({"w": nir.Linear(np.eye(2)), "l": lif()}, [("w", "l")], type_check=False)
    with pytest.raises(UserError, match=r"nothing leads to the node 'w' \(Linear\)"):
        from_nir(one)
    constant = nir.NIRGraph(
        {"input": nir.Input({"input": np.array([1])}), "a": nir.Affine(np.zeros((1, 1)), np.array([1.2])), "l": lif()},
        [("a", "l"), ("input", "l")],
        type_check=False,
    )
    assert float_run(from_nir(constant), samples_of(np.zeros((1, 5, 1), bool)), device="numpy").spikes["l"][1].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("n, biased, reset", [(38, True, "zero"), (40, False, "subtract_at_once")])
def test_a_recurrent_network_of_the_shape_of_the_published_ones(n, biased, reset):
    """The two Braille readers of the NIR paper: 12-38-7 with biases and reset to zero, 12-40-7 without and with subtraction; dt 0.1 ms."""
    rng, dt = np.random.default_rng(n), 1e-4

    def affine(rows, columns, mean):
        w, b = rng.normal(mean, 0.4, (rows, columns)), rng.normal(0.05, 0.1, rows)
        return nir.Affine(w, b) if biased else nir.Linear(w)

    def cuba(size, alpha, beta):
        tau_syn, tau_mem = (np.full(size, dt / (1 - factor)) for factor in (alpha, beta))
        ones = np.ones(size)
        return nir.CubaLIF(tau_syn, tau_mem, tau_mem / dt, 0 * ones, ones, 0 * ones, tau_syn / dt)

    nodes = {"input": nir.Input({"input": np.array([12])}), "output": nir.Output({"output": np.array([7])})}
    nodes |= {"fc1": affine(n, 12, 0.2), "lif1.w_rec": affine(n, n, -0.02), "fc2": affine(7, n, 0.05)}
    nodes |= {"lif1.lif": cuba(n, 0.5, 0.9), "lif2": cuba(7, 0.45, 0.55)}
    edges = [("input", "fc1"), ("fc1", "lif1.lif"), ("lif1.lif", "lif1.w_rec"), ("lif1.w_rec", "lif1.lif")]
    edges += [("lif1.lif", "fc2"), ("fc2", "lif2"), ("lif2", "output")]
    graph = nir.NIRGraph(nodes, edges)
    x = rng.random((256, 12)) < 0.1
    expected = nir_euler.run(graph, x, dt, nir_euler.Numpy(subtracts=reset != "zero"))
    run = float_run(from_nir(graph, convention="snntorch", reset=reset), samples_of(x[None]), device="numpy")
    for name in ("lif1.lif", "lif2"):
        got = np.zeros(expected[name].shape)
        got[run.spikes[name][1:]] = 1
        assert np.array_equal(got, expected[name]) and 50 < got.sum() < 0.9 * got.size
