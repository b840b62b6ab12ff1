"""Clopath's rule beside a live NEST (extra `peers`); skipped without it."""

import clopath_oracle
import numpy as np
import pytest

from brian2chip.protocols import clopath_cases

CHANGES = [{}, {"b": 80.5}, {"delay_u_bars": 6.0}]


@pytest.fixture(scope="module")
def nest():
    found = pytest.importorskip("nest", reason="NEST is not installed: pip install 'brian2chip[peers]'")
    found.verbosity = found.VerbosityLevel.ERROR
    return found


@pytest.mark.parametrize("changes", CHANGES[:1])
@pytest.mark.parametrize("neuron", clopath_cases.SETTINGS)
def test_nest_gives_its_literals_and_we_what_it_gives(nest, neuron, changes):
    live = clopath_cases.nests(neuron, nest=nest, **changes)
    np.testing.assert_allclose(live, clopath_cases.cases()[neuron], rtol=1e-7)  # as NEST's own test
    np.testing.assert_allclose(clopath_cases.ours(neuron, [2, 5]), live[[2, 5]], atol=0.05)


@pytest.mark.parametrize("changes", CHANGES[1:], ids=["b", "delay"])
def test_the_oracle_with_nests_integration_follows_nest_elsewhere(nest, changes):
    live = clopath_cases.nests("adex_clopath", [2, 5], nest=nest, **changes)
    row = clopath_cases.cases().iloc[[2, 5]]
    ours = {{"delay_u_bars": "delay"}.get(name, name): value for name, value in changes.items()}
    got = []
    for case in row.itertuples():
        steps = round(max(case.pre_ms[-1], case.post_ms[-1]) / clopath_oracle.H) + 5
        got.append(clopath_oracle.aeif(list(case.pre_ms), list(case.post_ms), steps, **ours)[0][-1])
    np.testing.assert_allclose(clopath_cases.on_scale(got), live, atol=1e-3)
