"""Small steps of translation: gains become weights, outputs of a NIR graph, what a report says of where and how fast."""

from dataclasses import replace

import numpy as np
import pytest
from translation_networks import integrators, recurrent

from brian2chip.core.registry import get
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.translation import report
from brian2chip.translation.quantise import place
from brian2chip.translation.realised import folded
from brian2chip.translation.translate import translate


def test_a_gain_is_multiplied_into_the_weights_onto_its_population_alone():
    """Gain 3 of b: weights onto b times 3, those onto c as they were."""
    populations = (
        Population("a", "input", 2),
        Population("b", "if", 2, {"v_threshold": 1.0, "gain": 3.0}),
        Population("c", "if", 1, {"v_threshold": 1.0}),
    )
    weights = (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0], [6.0]]))
    net = folded(SpikingNetwork(populations, (Projection("a", "b", weights[0]), Projection("b", "c", weights[1])), 1e-3))
    np.testing.assert_array_equal(net.projections[0].weight, [[3, 6], [9, 12]])
    np.testing.assert_array_equal(net.projections[1].weight, weights[1])
    assert all("gain" not in p.parameters for p in net.populations)


def test_only_the_last_population_has_an_output_in_nir():
    nir = pytest.importorskip("nir", reason="the extra [nir] is not installed")
    from brian2chip.translation.nir_write import to_nir

    graph = to_nir(recurrent()[0])
    ends = [name for name, node in graph.nodes.items() if isinstance(node, nir.Output)]
    assert ends == ["out_out"] and [edge for edge in graph.edges if edge[1] == "out_out"] == [("out", "out_out")]


@pytest.mark.parametrize("kind", ["if", "lif"])
def test_a_leak_is_calibrated_where_there_is_one_and_the_chip_s_is_analogue(kind):
    net, _ = integrators(low=-4, high=5)
    out = replace(
        net.populations[1], kind=kind, parameters={**net.populations[1].parameters, **({"tau_m": 20e-3} if kind == "lif" else {})}
    )
    found = place(replace(net, populations=(net.populations[0], out)), get("chip", "dynapse2"), {}, np.random.default_rng(1))
    assert any("the time constant of" in note for note in found.notes) == (kind == "lif")


def test_a_report_says_where_it_ran_and_rates_in_hertz():
    """150 ms a sample, three samples: a count of 9 spikes is 20 Hz."""
    net, samples = integrators(low=-8)
    translation = translate(net, "tinyodin", test=samples, device="numpy")
    drawn = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report.paper, "rates", lambda *both: drawn.append(both))
        (_, words, _), *_ = report.behaviour_sections(net, translation.chip, translation.behaviour, None)
    assert words == "3 samples in float and on the emulated chip."
    counts = np.bincount(translation.behaviour.runs["float"].spikes["out"][2], minlength=4)
    np.testing.assert_allclose(drawn[0][0]["out"], counts / 0.45)
