"""The campaign: inputs by number, each in a process with bounds, which is replaced when it dies; and the table of what became of them."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fuzz_mutations import CANARY
from fuzz_seeds import Seeds
from fuzz_targets import Target, Wrong, targets

from brian2chip import cli
from brian2chip.errors import UserError

SEED, SECONDS, MEMORY = 20261128, 20, 4 << 30
REFUSED, RIGHT, WORK = "refused", "right", "work starts"


class WorkStarts(BaseException):
    """The input was taken and its simulation would begin."""


class TooSlow(BaseException):
    """Neither refused nor at work after the time that an input may take."""


@dataclass(frozen=True)
class Outcome:
    """What became of one input: refused, right, work starts, or the kind of a failure, with its details."""

    number: int
    target: str
    what: str
    details: str = ""
    seconds: float = 0.0


def cut_work() -> None:
    """Make simulations begin with the end of the input: what is accepted has nothing left to refuse."""
    from brian2chip.chips.odin_family import emulator as family
    from brian2chip.chips.reckon import emulator as reckon
    from brian2chip.engine.session import Session
    from brian2chip.learning.program import Program
    from brian2chip.protocols import atlas, compare

    def stop(*_, **__):
        raise WorkStarts

    Session.run = Session.execute = Program.run = stop
    Program.__init__ = lambda self, session, shape: setattr(self, "shape", shape)
    compare._run_all = atlas.run_jobs = stop
    family.Emulator.__init__ = lambda self, machine, session: None
    family.Emulator.run = stop
    for name in ("__enter__", "run"):
        if hasattr(reckon.Emulator, name):
            setattr(reckon.Emulator, name, (lambda self: self) if name == "__enter__" else stop)


def target_of(number: int, found: list[Target]) -> Target:
    """Return what an input is fed to, by the shares of the targets."""
    shares = np.array([t.share for t in found], float)
    return found[int(np.random.default_rng([SEED, number, 0]).choice(len(found), p=shares / shares.sum()))]


def one(number: int, found: list[Target], seeds: Seeds, work: Path) -> Outcome:
    """Feed one input and return what became of it."""
    target, start = target_of(number, found), time.perf_counter()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    os.chdir(work)
    what, details = RIGHT, ""
    signal.alarm(SECONDS)
    try:
        target.feed(np.random.default_rng([SEED, number, 1]), seeds, work)
    except UserError as error:
        what, details = _judged(str(error))
    except WorkStarts:
        what = WORK
    except Wrong as error:
        what, details = "wrong", str(error)[:300]
    except BaseException as error:
        signal.alarm(0)
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "/fuzz/" not in f.filename]
        ours = [f for f in frames if not {"site-packages", "lib"} & set(Path(f.filename).parts)] or frames
        where = f"{'/'.join(Path(ours[-1].filename).parts[-2:])}:{ours[-1].lineno}" if ours else "?"
        what, details = f"{type(error).__name__} at {where}", f"{error!s:.200}"
    finally:
        signal.alarm(0)
    if any(work.rglob(CANARY)) or EXECUTED:
        what, details = "EXECUTED", f"{EXECUTED} {details}"
        EXECUTED.clear()
    return Outcome(number, target.name, what, details, time.perf_counter() - start)


def _judged(sentence: str) -> tuple[str, str]:
    """Return whether a refusal is one sentence that a reader can use."""
    if "\n" in sentence or not 20 <= len(sentence) <= 4100 or " " not in sentence or not sentence.isprintable() and "\\" not in sentence:
        return "bad sentence", repr(sentence)[:300]
    return REFUSED, sentence[:300]


#: What was started in a worker and is none of the package's business.
EXECUTED: list[str] = []
OWN = ("_hdf5_child.py", "git", "uname", "lscpu", "/gcc", "/g++")  # a run on Cython begins by trying the compiler's flags


def _watch(event: str, arguments: tuple) -> None:
    if event in ("os.system", "os.exec", "os.posix_spawn", "pickle.find_class"):
        EXECUTED.append(f"{event} {arguments!r:.100}")
    elif event == "subprocess.Popen":
        words = arguments[1] if isinstance(arguments[1], list | tuple) else [arguments[1]]
        if not any(name in str(word) for word in words for name in OWN):
            EXECUTED.append(f"{event} {arguments[1]!r:.100}")


def _worker(numbers: list[int], seeds: Seeds, work: Path, pipe) -> None:
    """Feed inputs one after the other and send what became of them."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.disable()

    def too_slow(*_):
        raise TooSlow

    signal.signal(signal.SIGALRM, too_slow)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        os.dup2(nowhere.fileno(), 2)
        cut_work()
        found = targets(seeds)
        sys.addaudithook(_watch)
        for number in numbers:
            pipe.send(number)
            pipe.send(one(number, found, seeds, work))
    pipe.close()


def preload() -> None:
    """Import what commands import when they run, so that no input waits for it."""
    for name in cli.commands():
        importlib.import_module(f"brian2chip.commands.{name.replace('-', '_')}")
    for name in (
        "protocols.run",
        "protocols.fit",
        "protocols.compare",
        "learning.compare",
        "sweeps.protocol_runs",
        "sweeps.sweep",
        "translation.bit_width",
        "analysis.learning_plots",
    ):
        importlib.import_module(f"brian2chip.{name}")


def run(numbers: list[int], seeds: Seeds, work: Path, workers: int = 2, progress=None) -> list[Outcome]:
    """Return what became of all inputs, in order."""
    preload()
    context, outcomes, left = multiprocessing.get_context("fork"), {}, [numbers[k::workers] for k in range(workers)]
    running: dict = {}
    begun: dict[int, float] = {}

    def begin(k: int) -> None:
        receiving, sending = context.Pipe(duplex=False)
        process = context.Process(target=_worker, args=(left[k], seeds, work / str(k), sending))
        process.start()
        sending.close()
        begun[k] = time.monotonic()
        running[k] = [process, receiving, None, begun[k]]

    for k in range(workers):
        if left[k]:
            begin(k)
    while running:
        ready = multiprocessing.connection.wait([state[1] for state in running.values()], timeout=1)
        for k, state in list(running.items()):
            process, receiving, current, since = state
            died = False
            if receiving in ready:
                try:
                    message = receiving.recv()
                except EOFError:
                    died = True
                else:
                    state[3] = time.monotonic()
                    if isinstance(message, Outcome):
                        outcomes[message.number], state[2] = message, None
                        left[k] = left[k][1:]
                        if progress is not None:
                            progress(len(outcomes))
                    else:
                        state[2] = message
            elif time.monotonic() - since > 2 * SECONDS:
                process.kill()
                died = True
            if died:
                process.join()
                del running[k]
                if current is None and since == begun[k]:
                    raise RuntimeError(f"worker {k} ended with {process.exitcode} before its first input; start the campaign anew.")
                if left[k]:
                    found = targets(seeds)
                    number = left[k][0] if current is None else current
                    hung = process.exitcode == -signal.SIGKILL
                    what = "hangs" if hung else f"the process ended with {process.exitcode}"
                    outcomes[number] = Outcome(number, target_of(number, found).name, what)
                    left[k] = [n for n in left[k] if n != number]
                    if left[k]:
                        begin(k)
    return [outcomes[number] for number in numbers if number in outcomes]


def failures(outcomes: list[Outcome]) -> list[Outcome]:
    """Return what is neither refused nor right."""
    return [o for o in outcomes if o.what not in (REFUSED, RIGHT, WORK)]


def table(outcomes: list[Outcome]) -> str:
    """Return what became of the inputs: a row for each target, then a row for each kind of failure with an input that shows it."""
    rows: dict[str, Counter] = defaultdict(Counter)
    slowest: dict[str, float] = defaultdict(float)
    for o in outcomes:
        rows[o.target][o.what if o.what in (REFUSED, RIGHT, WORK) else "failed"] += 1
        slowest[o.target] = max(slowest[o.target], o.seconds)
    head = ("tried", REFUSED, RIGHT, WORK, "failed")
    lines = [f"{'':<22}" + "".join(f"{name:>12}" for name in head) + f"{'slowest, s':>12}"]
    for name, counts in [*sorted(rows.items()), ("all", sum(rows.values(), Counter()))]:
        numbers = [sum(counts.values()), *(counts[w] for w in head[1:])]
        lines.append(f"{name:<22}" + "".join(f"{n:>12}" for n in numbers) + f"{slowest.get(name, max(slowest.values(), default=0)):>12.1f}")
    kinds: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for o in failures(outcomes):
        kinds[(o.target if o.target != "command line" else "command", o.what)].append(o)
    for (target, what), those in sorted(kinds.items(), key=lambda item: -len(item[1])):
        lines.append(f"{len(those):>5}  {target}: {what}: {those[0].details[:160]}  (--only {those[0].number})")
    executed = sum(o.what == "EXECUTED" for o in outcomes)
    lines.append(
        f"executed: {executed}; beyond {SECONDS} s: {sum(o.what.startswith(('TooSlow', 'hangs')) for o in outcomes)}; "
        f"beyond {MEMORY >> 30} GiB: {sum('MemoryError' in o.what for o in outcomes)}; failed: {len(failures(outcomes))} of {len(outcomes)}"
    )
    return "\n".join(lines)


def as_json(outcomes: list[Outcome]) -> str:
    return json.dumps([vars(o) for o in outcomes])
