"""One set of parameters for several experiments: the joint table is that of each alone, and what made the data is found."""

import numpy as np
import pandas as pd
import pytest
from brian2 import ms, second

import brian2chip as bc
from brian2chip.cli import main
from brian2chip.errors import UserError
from brian2chip.protocols.joint import joint


def written(path, dts, dw=None):
    """A table of pairs (single pairs, so that changes have a closed form), with changes where there are some."""
    rows = [f"{dt},{'' if dw is None else dw[k]}" for k, dt in enumerate(dts)]
    path.write_text("dt_ms,dw\n" + "\n".join(rows) + "\n")
    return str(path)


def test_the_joint_table_is_that_of_each_alone():
    protocols = [bc.get("protocol", name) for name in ("wang_2005", "sjostrom_2001")]
    together = joint(protocols)
    assert together.dt == 5e-4  # 0.5 and 1 ms
    table = together.conditions({})
    assert len(table) == 13 + 10 and table["data_used"].all()
    for protocol in protocols:
        own = protocol.conditions(dict(protocol.options)).reset_index(drop=True)
        part = table[table["protocol"] == protocol.name]
        np.testing.assert_allclose(part["data_dw"], own["data_dw"])
        np.testing.assert_allclose(part["data_sem"], own["data_sem"])
        for row, condition in zip(own.to_dict("records"), part.to_dict("records")):
            for ours, theirs in zip(together.stimulate(condition, {}, None), protocol.stimulate(row, dict(protocol.options), None)):
                np.testing.assert_array_equal(ours, theirs)


def test_what_made_the_data_of_three_tables_is_found(tmp_path):
    """Changes of single pairs by pair STDP with other amplitudes and another time constant, from the closed form."""
    a, b, tau = 0.02, 0.01, 25.0
    change = lambda dt: a * np.exp(-dt / tau) if dt > 0 else -b * np.exp(dt / 33.7)  # noqa: E731  (33.7 ms: the default of the rule)
    files = [written(tmp_path / f"{k}.csv", dts, [change(dt) for dt in dts]) for k, dts in enumerate([[5, 10], [20, 40, -5], [-10, -40]])]
    fitted = bc.fit(files, "stdp", free=["A_plus", "A_minus", "tau_plus"])
    np.testing.assert_allclose(fitted.values, [a, b, tau * 1e-3], rtol=1e-5)
    assert fitted.n_data == 7


def test_amplitudes_of_each_table_and_one_time_constant_for_all_are_found(tmp_path):
    """Single pairs again, in two tissues of which the second learns half as much."""
    change = lambda a, dt: a * np.exp(-dt / 25.0)  # noqa: E731
    files = [
        written(tmp_path / f"{name}.csv", [5, 10, 20], [change(a, dt) for dt in (5, 10, 20)]) for name, a in (("x", 0.02), ("y", 0.01))
    ]
    how = {"free": ["A_plus", "tau_plus"], "parameters": {"A_plus[y]": 0.03}}
    fitted = bc.fit(files, "stdp", separate=["A_plus"], **how)
    assert fitted.names == ("A_plus[x]", "A_plus[y]", "tau_plus")
    np.testing.assert_allclose(fitted.values, [0.02, 0.01, 0.025], rtol=1e-5)
    assert fitted.table()["unit"].tolist() == ["", "", "s"]
    for name, a in (("x", 0.02), ("y", 0.01)):  # the fitted rule of each tissue gives its data
        drawn = bc.run(tmp_path / f"{name}.csv", fitted.rules[name])
        np.testing.assert_allclose(drawn["dw"], [change(a, dt) for dt in (5, 10, 20)], rtol=1e-4)
    shared = bc.fit(files, "stdp", free=["A_plus", "tau_plus"])
    assert fitted.aicc < shared.aicc and shared.rms > 1e-3  # one amplitude for both cannot be


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"separate": ["A_minus"]}, "A_minus.* is not free"),
        ({"separate": ["A_pluss"]}, "did you mean 'A_plus'"),
        ({"free": ["A_plus", "tau_plus"], "separate": ["tau_plus"], "protocols": "wang_2005"}, "there is one protocol"),
        ({"parameters": {"A_plus[wang_2005]": 0.1}}, "name A_plus in separate"),
        ({"separate": ["A_plus"], "parameters": {"A_plus[wang]": 0.1}}, "did you mean 'wang_2005'"),
        ({"separate": ["A_plus"], "parameters": {"A_plus[wang_2005]": -0.1}}, "must lie between"),
        ({"bounds": {"A_plus": (0.2, 0.1)}}, "the first must be the lower one"),
        ({"bounds": {"A_plus": (0.02, 0.1)}}, "start it between its bounds"),
        ({"bounds": {"A_plus": (-0.02, 0.1)}}, "must lie between"),
        ({"bounds": {"A_plus": (0.02 * ms, None)}}, "it needs the unit 1"),
        ({"bounds": {"A_plus": 0.02}}, "give \\(low, high\\)"),
        ({"bounds": {"tau_plus": (None, 1.0)}}, "no free parameter called 'tau_plus'"),
        ({"bounds": [1, 2]}, "a mapping of names"),
        ({"starts": 0}, "starts was given as 0"),
        ({"intervals": "profil"}, "did you mean 'profile'"),
    ],
)
def test_what_a_fit_cannot_do_is_one_sentence_before_work(how, sentence, monkeypatch):
    monkeypatch.setattr("brian2chip.protocols.fit_problem.prepared", None)  # nothing is built
    how = {"free": ["A_plus"], "protocols": ["wang_2005", "sjostrom_2001"]} | how
    with pytest.raises(UserError, match=sentence):
        bc.fit(how.pop("protocols"), "stdp", **how)


@pytest.mark.parametrize(
    ("protocols", "options", "sentence"),
    [
        ([], {}, "no protocol"),
        (["wang_2005", "wang_2005"], {}, "given twice"),
        (["wang_2005", "song_2000"], {}, "fit it alone"),
        (["wang_2005", "bcm_rate"], {}, "fit it alone"),
        (["wang_2005", "bi_poo_1998"], {"pairs": 3}, "option pairs"),
        (["wang_2005", "bi_poo_1998"], {}, "have no standard error"),
    ],
)
def test_what_cannot_be_fitted_together_is_one_sentence(protocols, options, sentence):
    with pytest.raises(UserError, match=sentence):
        bc.fit(protocols, "stdp", **options)


AMPLITUDES = ["A2_plus", "A3_plus", "A2_minus", "A3_minus"]


@pytest.mark.slow
def test_the_joint_triplet_fit_ends_in_one_minimum_from_20_far_off_starts():
    """Amplitudes from 1e-5 to 0.1, time constants from 1 ms to 10 s; amplitudes of each tissue, time constants for both."""
    rng, chi2, names = np.random.default_rng(0), [], ["sjostrom_2001", "wang_2005"]
    for _ in range(20):
        start = {f"{a}[{name}]": 10 ** rng.uniform(-5, -1) for a in AMPLITUDES for name in names}
        start |= {tau: 10 ** rng.uniform(-3, 1) * second for tau in ("tau_x", "tau_y")}
        free = [*AMPLITUDES, "tau_x", "tau_y"]
        chi2.append(bc.fit(names, "triplet", free=free, separate=AMPLITUDES, parameters=start, starts=16).chi2)
    assert max(chi2) <= 1.01 * min(chi2)


def test_the_command_writes_the_fit_and_the_fitted_rule_on_the_data(tmp_path, capsys):
    words = ["fit", str(written(tmp_path / "x.csv", [5, 10, 20], [0.02, 0.016, 0.011])), "--free", "A_plus", "--out", str(tmp_path / "out")]
    assert main(words) == 0
    fit, table = pd.read_csv(tmp_path / "out" / "fit.csv"), pd.read_csv(tmp_path / "out" / "x" / "table.csv")
    assert table["dw"][0] == pytest.approx(fit["value"][0] * np.exp(-5 / 16.8), rel=1e-6)  # 16.8 ms: Bi & Poo 2001
    assert (tmp_path / "out" / "x" / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert main(words) == 2 and "--force" in capsys.readouterr().err
