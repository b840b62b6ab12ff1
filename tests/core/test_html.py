"""What a notebook shows: everything of a definition and a result, and no markup of the user's."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import brian2chip as bc
from brian2chip.analysis import learning_plots
from brian2chip.analysis.fit_result import Fit
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.training import TrainedChip
from brian2chip.core import html
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.learning.compare import Comparison
from brian2chip.learning.trained import Trained


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [
        ("rule", "stdp", ["Bi &amp; Poo 1998", "dx/dt = -x/tau_plus", "A_minus = 0.0032", "<strong>stdp</strong>"]),
        ("model", "lif", ["dI_syn/dt", "tau_m = 20. ms", "v &gt; v_threshold"]),
        ("learning_rule", "eprop", ["Bellec"]),
        ("protocol", "sjostrom_2001", ["Neuron 32:1149", "continuous", "dt"]),
        ("task", "pattern_generation", ["n_steps", "array of shape"]),
        ("chip", "odin", ["<th>bits</th>"]),
    ],
)
def test_definitions(kind, name, shown):
    text = bc.get(kind, name)._repr_html_()
    assert all(part in text for part in shown), text
    assert text.count("<table") == text.count("</table>") and "function" not in text


class Tags(HTMLParser):
    """Checks that tags are closed in their order, and keeps the text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text = [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert tag in {"p", "strong", "table", "thead", "tbody", "tr", "th", "td", "br", "pre", "div", "style"}, tag
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


NAME = "<script>&x"
SAMPLES = Samples.from_dense(np.eye(4, dtype=bool)[None].repeat(3, 0), np.array([0, 1, 1, 1], bool), label=[0, 1, 1])
WEIGHTS = np.arange(8.0).reshape(4, 2)
NETWORK = SpikingNetwork(
    (Population(NAME, "input", 4), Population("out", "lif", 2, {"tau_m": 0.02, "v_threshold": np.array([1.0, 2.0])})),
    (Projection(NAME, "out", WEIGHTS, 3),),
    1e-3,
)
HISTORY = pd.DataFrame({"update": [1], "loss": [0.5], NAME: [NAME]})
FIT = Fit((NAME,), (1.0,), (0.1,), (0.8,), (1.2,), (), (), (), 1.0, 0.1, 9, 5, 0.95, NAME)
EPOCH = {"learner": "reckon", "epoch": 3, "train_right": 1, "test_right": 2, "n_train": 4, "n_test": 4, "train_labels": "01", NAME: NAME}
RUN = NetworkRun({NAME: (np.zeros(5, int),) * 3}, {"out": WEIGHTS[None]}, {}, 3, 4)


@pytest.mark.parametrize(
    ("thing", "shown"),
    [
        (replace(bc.get("rule", "stdp"), name=NAME), ["A_minus = 0.0032"]),
        (replace(bc.get("model", "lif"), name=NAME), ["tau_m"]),
        (replace(bc.get("learning_rule", "eprop"), name=NAME), ["Bellec"]),
        (replace(bc.get("protocol", "bi_poo_1998"), name=NAME), ["Bi & Poo"]),
        (bc.Task.from_arrays(SAMPLES.dense().repeat(4, 0), np.arange(12) % 2, dt=1e-3, name=NAME), ["n_in", "n_lif=100"]),
        (replace(bc.get("chip", "speck2f"), name=NAME), ["threshold"]),
        (SAMPLES, ["3", "12", "1 of class 0, 2 of class 1"]),
        (replace(SAMPLES, label=None, target=np.zeros((3, 4, 5))), ["targets", "5"]),
        (NETWORK, ["steps of 1 ms", "tau_m = 0.02, v_threshold = 2 numbers from 1 to 2", "4 x 2 numbers from 0 to 7, delay 3 steps"]),
        (RUN, ["3 samples of 4 steps", "5", "out is read: 1 x 4 x 2 numbers"]),
        (Trained(NETWORK, HISTORY, 0.4, 0.25, {}), ["1 updates", "error 25.00 %"]),
        (Comparison(HISTORY, {}), ["side by side"]),
        (FIT, ["fit to 9 data points", "0.8"]),
        (TrainedChip(Configuration.of({}, 1, 32768), None, pd.DataFrame([EPOCH])), ["after 3 epochs", "2 of 4 test samples right"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_everything_is_whole_and_names_are_text(thing, shown):
    html_text = thing._repr_html_()
    text = Tags(html_text).text
    assert all(part in text for part in shown), text
    assert "<script>" not in html_text and (NAME in text or isinstance(thing, Samples))
    assert html_text == thing._repr_html_()


def test_a_long_text_says_that_it_is_cut():
    text = Tags(replace(bc.get("rule", "stdp"), convention="x" * 400)._repr_html_()).text
    assert "x" * 300 + "..." in text and "x" * 301 not in text


def test_a_figure_that_is_returned_is_not_one_of_pyplot_s_too():
    plt = pytest.importorskip("matplotlib.pyplot")
    before = plt.get_fignums()
    figure = learning_plots.trial(dict.fromkeys(("input_i", "input_t", "rec_i", "rec_t", "readout", "eligibility"), [0.0]))
    assert len(figure.axes) == 4 and plt.get_fignums() == before


def test_markup_of_a_user_is_text():
    text = replace(bc.get("rule", "stdp"), name="<script>", source="<b>")._repr_html_()
    assert "<script>" not in text and "&lt;script&gt;" in text and "<b>" not in text


def test_results():
    text = html.result("a title", pd.DataFrame({"x": np.arange(100), "y": "<i>"}), "It is so.", "")
    assert "It is so." in text and "&lt;i&gt;" in text and text.count("<p>") == 2 and text.count("<tr") < 50
