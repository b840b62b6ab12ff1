"""
Posteriors of triplet STDP
==========================

What two experiments say about triplet STDP, and a parameter that a third one does not determine: posteriors with their checks. It needs
sbi and takes minutes.

python examples/posterior_triplet.py [folder]
"""

import sys
import time
from pathlib import Path

from brian2 import ms

import brian2chip as bc
from brian2chip.analysis import calibration

out = Path(sys.argv[1] if len(sys.argv) > 1 else "posterior")
began = time.monotonic(), time.process_time()

# The minimal rule of Pfister & Gerstner 2006 with amplitudes of its own in each tissue, one slow trace for both; A2_plus as they published.
found = bc.posterior(
    ["sjostrom_2001", "wang_2005"],
    "triplet:hippocampus_all_minimal",
    {
        "A2_minus[sjostrom_2001]": (0, 0.02),
        "A2_minus[wang_2005]": (0, 0.02),
        "A3_plus[sjostrom_2001]": (0, 0.05),
        "A3_plus[wang_2005]": (0, 0.05),
        "tau_y": (5 * ms, 500 * ms, "log"),
    },
    parameters={"A2_plus[sjostrom_2001]": 0.0, "A2_plus[wang_2005]": 5.3e-3},
    out=out / "two_experiments",
)
print(found.table().to_string(index=False, float_format="{:.4g}".format), found.statement, found.summary()["coverage"], sep="\n")
inside = calibration.inside(found.coverage(20, seed=2001).levels, 0.95)
print(f"joint 95 % regions hold the truth of {inside.sum()} of {len(inside)} new synthetic data sets")

# Pairs at 1 Hz: the slow trace is gone before the next spike, and A3_plus acts on nothing. No standard errors: 0.2 is assumed.
pairs = bc.posterior(
    "bi_poo_1998",
    "triplet:hippocampus_all_minimal",
    {"A2_plus": (0, 0.03), "A2_minus": (0, 0.03), "A3_plus": (0, 0.05)},
    sigma=0.2,
    simulations=5_000,
    checks=200,
    points=1,
    out=out / "pairs_alone",
)
print(pairs.table().to_string(index=False, float_format="{:.4g}".format), pairs.statement, sep="\n")
print(f"{time.monotonic() - began[0]:.0f} s, of which this process computed {time.process_time() - began[1]:.0f} s")
