"""A learning rule in a user's file trains as its built-in twin does; its schedule counts; a changed one is not resumed."""

import numpy as np
import pytest
import tiny

from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.resolve import resolve
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.learning import train as training
from brian2chip.learning.trained import Trained

# Written from Bellec et al. 2020, eqs. 23 to 25 and 38, without eq. 28; not from the package's lines.
MINE = '''
from brian2chip import LearningRule

MINE = LearningRule(
    name="my_eprop",
    source="this test",
    model="""
    a : 1
    G : 1
    total : 1
    """,
    code="""
    e_ = psi_post*zbar_pre - psi_post*beta_post*a
    a = rho_post*a + e_
    G += L_post*e_*{scale}
    total += e_
    """,
    at_sample_end="G += c_reg_post*(f_av_post - f_target_post)*total/n_steps_post",
    state=("a", "G", "total"),
    gradient="G",
    {fields}
)
'''
ON_LINE = """
from brian2chip import LearningRule

MINE = LearningRule(
    name="my_online",
    source="this test",
    model="",
    code="w -= rate*gain_of_learning*L_post*psi_post*zbar_pre",
    updates_each="step",
    adaptive_neurons=False,
    parameters={"gain_of_learning": 2.0},
)
"""
SETTINGS = dict(optimiser="adam", rate=0.02, batch=8, c_reg=1.0, iterations=2)


@pytest.fixture(autouse=True)
def small_starts(monkeypatch):
    monkeypatch.setattr(training, "SAMPLES_A_START", 16)


def written(folder, fields="", scale="1"):
    file = folder / "mine.py"
    file.write_text(MINE.format(fields=fields, scale=scale))
    return str(file)


def train(rule, **how):
    return training.train(tiny.task(rule=rule, **{**SETTINGS, **how.pop("settings", {})}), device="numpy", n_test=16, **how)


def test_a_rule_from_a_file_learns_as_its_built_in_twin(tmp_path):
    path = written(tmp_path)
    mine, built_in, object_ = train(path), train("eprop_no_filter"), train(resolve(LearningRule, path))
    assert built_in.history.loss.nunique() == 2
    for other in (mine, object_):
        np.testing.assert_allclose(other.history.loss, built_in.history.loss, rtol=1e-9)
        for name in ("w_in.w", "w_rec.w", "w_out.w"):
            np.testing.assert_allclose(other.state[name], built_in.state[name], rtol=1e-8, atol=1e-12)
    assert np.abs(train("eprop").state["w_in.w"] - built_in.state["w_in.w"]).max() > 1e-3  # the filter would show
    recorded = mine.network.provenance
    assert recorded["training"]["rule"] == "my_eprop" and recorded["learning_rule"]["file"] == path
    assert "G += L_post*e_" in recorded["learning_rule"]["code"]


def test_how_often_the_code_runs_is_what_the_field_says(tmp_path):
    each_step = train(written(tmp_path))
    blocks = {n: train(written(tmp_path, f'runs_each="block", block=lambda network, dt: {n},')) for n in (1, 5)}
    assert np.abs(blocks[5].state["w_in.w"] - each_step.state["w_in.w"]).max() > 1e-3
    # A block of one step ends once more at the end of the sample, so it is not the same as a rule that runs at every step.
    assert np.abs(blocks[5].state["w_in.w"] - blocks[1].state["w_in.w"]).max() > 1e-3


@pytest.mark.parametrize(
    "fields, words",
    [
        ('updates_each="step",', "leave gradient and at_sample_end out"),
        ('runs_each="block",', "how long a block is"),
        ('rounds=True,', "rounds=False"),
    ],
)  # fmt: skip
def test_a_schedule_that_the_rule_does_not_have_is_refused_with_the_file(tmp_path, fields, words):
    with pytest.raises(UserError, match=words) as error:
        train(written(tmp_path, fields))
    assert "mine.py" in str(error.value) and "\n" not in str(error.value)


def test_a_rule_that_changes_weights_itself_reads_its_parameters(tmp_path):
    file = tmp_path / "online.py"
    file.write_text(ON_LINE)
    lif = tiny.NetworkConfig(n_lif=7, v_th=0.4, gamma=0.5, width=0.4)
    samples, w = tiny.generate(2, np.random.default_rng(3)), tiny.weights(7)
    runs = {}
    for rule, rate in (("eprop_factorised", 0.02), (str(file), 0.01)):
        task = tiny.task(network=lif, rule=rule, batch=1, rate=rate, rate_out=0.0, c_reg=0.0)
        runs[rule] = tiny.run(task, samples, w)[0].state["w_in.w"]
    twice_at_half_the_rate, built_in = runs[str(file)], runs["eprop_factorised"]
    assert np.abs(built_in - w["w_in"].ravel()).max() > 1e-3
    np.testing.assert_allclose(twice_at_half_the_rate, built_in, rtol=1e-12)


def test_a_rule_whose_equations_changed_is_not_resumed(tmp_path):
    out = tmp_path / "out"
    whole = train(written(tmp_path), settings={"iterations": 4})
    train(written(tmp_path), out=out, settings={"iterations": 2})
    with pytest.raises(UserError, match="belongs to rule 'my_eprop with equations"):
        train(written(tmp_path, scale="2"), out=out, resume=True)
    resumed = train(written(tmp_path, fields='convention="a word more",'), out=out, resume=True, settings={"iterations": 4})
    np.testing.assert_array_equal(resumed.state["w_in.w"], whole.state["w_in.w"])


def test_a_broken_rule_names_file_line_and_reason(tmp_path):
    path = written(tmp_path, scale="learning_signal")
    line = next(k for k, text in enumerate(open(path), 1) if "learning_signal" in text)
    with pytest.raises(UserError) as error:
        train(path)
    message = str(error.value)
    assert "\n" not in message and f"mine.py, line {line}" in message and "learning_signal" in message


def test_training_gives_a_network_with_its_history_and_says_how_far_it_is(tmp_path, caplog):
    fractions = []
    with caplog.at_level("INFO", "brian2chip.learning.train"):
        result = train("eprop", progress=fractions.append, out=tmp_path / "out", settings={"iterations": 4})
    assert isinstance(result, Trained)
    assert fractions == [0.5, 1.0, 1.0]  # four updates of eight samples in two starts of sixteen, and the end
    assert [record.getMessage()[:13] for record in caplog.records] == [f"update {k:5d} " for k in (1, 2, 3, 4)]
    assert result.history["samples"].tolist() == [8, 16, 24, 32]
    saved = SpikingNetwork.load(result.save(tmp_path / "net.npz"))
    np.testing.assert_array_equal(saved.weight("rec", "out"), result.network.weight("rec", "out"))
    further = train("eprop", start=result, settings={"rate": 0.0, "rate_out": 0.0})
    np.testing.assert_allclose(further.network.weight("rec", "out"), result.network.weight("rec", "out"), atol=1e-15)
    with pytest.raises(UserError, match="progress was given as 'yes'"):
        train("eprop", progress="yes")


def test_a_device_on_which_a_rule_does_not_run_is_refused():
    with pytest.raises(UserError, match="'eprop' does not run on 'genn'; use one of numpy, cython, cpp_standalone, cuda"):
        training.train(tiny.task(), device="genn")
