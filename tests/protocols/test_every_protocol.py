"""The rules of calcium, reward and inhibition go through every protocol, or one sentence says why not."""

import numpy as np
import pytest

import brian2chip as bc

#: Protocols of pairs and networks with options that keep them short.
PROTOCOLS = {
    "bi_poo_1998": {"pairs": 3, "points": 3},
    "wang_2005": {},
    "sjostrom_2001": {},
    "bcm_rate": {"rates": 2, "duration_s": 0.5, "replicas": 5},
    "brader_2007": {"rates": 2, "replicas": 5},
    "song_2000": {"inputs": 50, "duration_s": 0.5},
    "graupner_brunel_2012": {"replicas": 2},
    "izhikevich_2007": {"neurons": 20, "duration_s": 0.2, "every_s": 0.1},
    "vogels_2011": {"neurons": 2, "inputs": 20, "duration_s": 0.2},
}


@pytest.mark.slow
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("rule", ["graupner_brunel:cortical_slices", "izhikevich_2007", "vogels_sprekeler"])
def test_a_rule_goes_through_a_protocol(rule, protocol):
    options = PROTOCOLS[protocol]
    if rule.startswith("graupner") and "replicas" not in options and protocol not in ("song_2000", "izhikevich_2007", "vogels_2011"):
        options = {**options, "replicas": 3}
    step = {"dt": 1e-4} if rule.startswith("graupner") else {}  # which holds its delay; some protocols have longer ones
    table = bc.run(protocol, rule, device="cpp_standalone", **step, **options)
    assert np.isfinite(table["dw"]).all() and len(table.attrs["run"]["scores"]) >= 1
