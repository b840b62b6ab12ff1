"""A campaign of faults, one of each kind; prints what the campaign made of them."""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import fuzz_mutations
import fuzz_run
import fuzz_seeds
import numpy as np
from fuzz_targets import Target, Wrong

from brian2chip.errors import UserError


def broken(what):
    """Return a target with a fault."""

    def feed(rng, seeds, work):
        if what == "kill":
            os.kill(os.getpid(), signal.SIGSEGV)
        if what == "slow":
            time.sleep(60)
        if what == "memory":
            np.ones(1 << 33)
        if what == "system":
            os.system("true")
        if what == "canary":
            eval(fuzz_mutations.PAYLOADS[1])
        if what == "wrong":
            raise Wrong("this")
        if what == "bare":
            raise UserError("'head'")
        raise KeyError("head")

    return Target(what, 1, feed)


FAULTS = {
    "kill": "the process ended with -11",
    "slow": "TooSlow",
    "memory": "MemoryError",
    "system": "EXECUTED",
    "canary": "EXECUTED",
    "wrong": "wrong",
    "bare": "bad sentence",
    "error": "KeyError",
}


def main() -> None:
    fuzz_run.SECONDS = 1
    fuzz_run.targets = lambda seeds: [broken(what) for what in FAULTS]
    fuzz_run.target_of = lambda number, found: found[number]
    with tempfile.TemporaryDirectory(prefix="fuzz.") as name:
        outcomes = fuzz_run.run(list(range(len(FAULTS))), fuzz_seeds.Seeds(Path(name), {}, {}), Path(name) / "work", workers=1)
        os.chdir("/")
    for outcome in outcomes:
        print(f"{outcome.target}: {outcome.what}")
    print(fuzz_run.table(outcomes))


if __name__ == "__main__":
    main()
