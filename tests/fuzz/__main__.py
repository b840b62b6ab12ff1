"""Wrong inputs for every reader and every command: ``python tests/fuzz [--inputs N] [--first K] [--only K] [--workers W]``.

Each input is made from a valid one by its number alone. It must be refused with one sentence, or give a right result; nothing in it may
be executed; until it is refused or its work starts it may take 20 s and 4 GiB. Exit code 1 when one does otherwise.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.update({name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")})
sys.path.insert(0, str(Path(__file__).parents[2]))

import fuzz_run  # noqa: E402
import fuzz_seeds  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", type=int, help="one input, in this process, with its traceback")
    parser.add_argument("--sentences", type=int, default=0, help="print so many of the outcomes, spread over all")
    parser.add_argument("--target", default="", help="only those whose name has this in it")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz.") as name:
        seeds, work = fuzz_seeds.make(Path(name) / "seeds"), Path(name) / "work"
        if args.only is not None:
            return alone(args.only, seeds, work)
        numbers = range(args.first, args.first + args.inputs)
        if args.target:
            found = fuzz_run.targets(seeds)
            numbers = [n for n in numbers if args.target in fuzz_run.target_of(n, found).name]
        shown = lambda n: n % 500 == 0 and print(f"{n} inputs, {time.monotonic() - start:.0f} s", flush=True)  # noqa: E731
        outcomes = fuzz_run.run(list(numbers), seeds, work, args.workers, shown)
        os.chdir("/")
    print(fuzz_run.table(outcomes))
    if args.sentences:
        for o in outcomes[:: max(1, len(outcomes) // args.sentences)]:
            print(f"{o.number} {o.target}: {o.what} ({o.seconds:.1f} s): {o.details}")
    print(f"{time.monotonic() - start:.0f} s")
    return int(bool(fuzz_run.failures(outcomes)))


def alone(number: int, seeds, work: Path) -> int:
    import numpy as np

    fuzz_run.cut_work()
    found = fuzz_run.targets(seeds)
    target = fuzz_run.target_of(number, found)
    work.mkdir(parents=True)
    os.chdir(work)
    print(f"input {number}: {target.name}")
    try:
        print("right:", target.feed(np.random.default_rng([fuzz_run.SEED, number, 1]), seeds, work))
    except fuzz_run.UserError as error:
        print("refused:", error)
    except fuzz_run.WorkStarts:
        print("work starts")
    finally:
        os.chdir("/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
