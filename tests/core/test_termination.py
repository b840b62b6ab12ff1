"""SIGTERM ends a block by an exception, also where Python swallows the first one."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import os, signal, time
from brian2chip.core.termination import termination_unwinds

class Finalised:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(1000))

with termination_unwinds():
    try:
        {what}
        time.sleep(20)
    finally:
        print("cleared up")
print("went on")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of Unix")
@pytest.mark.parametrize("what", ["os.kill(os.getpid(), signal.SIGTERM)", "Finalised()"])
def test_a_signal_ends_the_block(what):
    done = subprocess.run([sys.executable, "-c", SCRIPT.format(what=what)], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stdout) == (128 + signal.SIGTERM, "cleared up\n") and "Exception ignored" not in done.stderr
