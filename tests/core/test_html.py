"""What a notebook shows: everything of a definition and a result, and no markup of the user's."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import brian2chip as bc
from brian2chip.core import html


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


def test_markup_of_a_user_is_text():
    text = replace(bc.get("rule", "stdp"), name="<script>", source="<b>")._repr_html_()
    assert "<script>" not in text and "&lt;script&gt;" in text and "<b>" not in text


def test_results():
    text = html.result("a title", pd.DataFrame({"x": np.arange(100), "y": "<i>"}), "It is so.", "")
    assert "It is so." in text and "&lt;i&gt;" in text and text.count("<p>") == 2 and text.count("<tr") < 50
