"""Loihi and Xylo step by step against nengo-loihi, brian2-loihi and xylosim, which a folder beside the environment holds.

``pip install --target DIR --no-deps nengo-loihi==1.1.0 nengo==4.1.0 brian2-loihi==0.5.2 xylosim==0.1.3`` and ``CHIP_PEERS=DIR``; in the
environment itself nengo's plugin keeps pytest from starting.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cuba_cases import loihi_case, xylo_case

from brian2chip.chips.loihi import replay as loihi
from brian2chip.chips.xylo import replay as xylo

SCRIPT = Path(__file__).with_name("cuba_peers.py")
FOLDER = Path(os.environ.get("CHIP_PEERS", "no folder"))
PEERS = [
    ("nengo-loihi", "nengo_loihi", loihi, [loihi_case(seed, extreme=seed == 42) for seed in (40, 41, 42)]),
    ("brian2-loihi", "brian2_loihi", loihi, [loihi_case(seed, uniform=True, mixed=seed == 43) for seed in (43, 44)]),
    ("xylosim", "xylosim", xylo, [xylo_case(seed, extreme=seed > 46) for seed in (45, 46, 47, 48)]),
]


@pytest.mark.parametrize("peer, module, chip, traces", PEERS, ids=[p[0] for p in PEERS])
def test_live_peers(peer, module, chip, traces, tmp_path):
    if not (FOLDER / module).is_dir():
        pytest.skip(f"compares with {peer}: name a folder that holds it in CHIP_PEERS")
    for k, trace in enumerate(traces):
        np.savez(tmp_path / f"{k}.npz", **trace)
        command = [sys.executable, "-W", "ignore", str(SCRIPT), peer, str(tmp_path / f"{k}.npz"), str(tmp_path / f"{k}_out.npz")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*(p for p in sys.path if p), str(FOLDER)])}
        subprocess.run(command, check=True, env=environment, timeout=120, capture_output=True)
        theirs, ours = dict(np.load(tmp_path / f"{k}_out.npz")), chip.outputs(trace)
        assert [name for name in chip.OUTPUTS if not np.array_equal(theirs[name], ours[name])] == []
