"""Mutation testing: change one operator, number or condition of the package at a time and see whether a test turns red.

``python tests/mutants.py`` (``make mutants``) takes cosmic-ray's mutation operators and a sample of their mutants that depends on ``SEED``
and the source alone, spread over the files. Each mutant runs in a copy of the tree, in a process forked from one that has imported the
heavy packages, against the tests that execute its statement, quickest first, until one fails. Which tests these are is found by running
every test file once under coverage. Everything is kept in ``--state``: an interrupted run goes on where it was, a killed mutant is not
run again while its file stays as it is, and a survivor not until the tests change.

mutmut was tried and cannot be used: it finds a mutant's tests by module name and takes ``analysis/score.py`` for ``analysis.score``.
"""

from __future__ import annotations

import argparse
import ast
import collections
import difflib
import fnmatch
import hashlib
import itertools
import json
import math
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("analysis", "protocols", "translation", "brian2chip/core")
TESTS = ("analysis", "protocols", "translation", "core", "commands", "plasticity", "inference", "learning", "sweeps")
SEED, SAMPLE, LEAST = 2026, 500, 1
#: Seconds of tests, as measured without a mutant, that one mutant is run against at most; and what a mutant may take.
PATIENCE, TIMEOUT = 45.0, (30.0, 4.0)
#: Keyword arguments that style a drawing, and names that only hold such numbers: a mutant there changes the look and nothing else.
LOOKS = set("color colour linewidth lw ms markersize capsize alpha zorder fontsize figsize dpi elinewidth height layout ncols fmt".split())
LOOKS |= {"frameon", "SIZE", "DATA"}
#: "is" in the place of "==" is no different for small numbers and names, and Python itself warns of it.
IDENTITY = ("_Is", "_IsNot")


def snapshot(tree: Path) -> None:
    """Copy the files that git tracks, and new ones that it does not ignore, to a folder: the code may be edited while this runs."""
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)


def sources(tree: Path, patterns: list[str]) -> list[str]:
    """Return the files to mutate, relative to the root, that match one of the patterns."""
    found = sorted(str(p.relative_to(tree)) for folder in SOURCES for p in (tree / folder).rglob("*.py"))
    return [f for f in found if any(fnmatch.fnmatch(f, p) for p in patterns)]


def test_files(tree: Path) -> list[str]:
    """Return the test files that may be run, relative to the root."""
    return [str(p.relative_to(tree)) for folder in TESTS for p in sorted((tree / "tests" / folder).glob("test_*.py"))]


def _left_out(tree: ast.Module) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the spans in which a mutant changes nothing that a test could see: annotations and the look of a drawing."""
    spans = []
    for node in ast.walk(tree):
        inside = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.keyword) and node.arg in LOOKS:
            inside.append(node.value)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in LOOKS:
            inside.append(node.value)
        spans += [((n.lineno, n.col_offset), (n.end_lineno, n.end_col_offset)) for n in inside if n is not None]
    return spans


def _statements(tree: ast.Module) -> dict[int, tuple[int, int]]:
    """Return for each line the first and the last of the statement it belongs to, a block's head without its body."""
    spans = {}
    for node in ast.walk(tree):  # outer ones first
        if isinstance(node, ast.stmt):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            last = max(first, node.body[0].lineno - 1) if getattr(node, "body", None) else node.end_lineno
            spans |= dict.fromkeys(range(first, last + 1), (first, last))
    return spans


def mutants(tree: Path, file: str) -> list[dict]:
    """Return every mutant of a file: operator, occurrence and position, several of them at one site."""
    import cosmic_ray.plugins
    from cosmic_ray.ast import ast_nodes, get_ast

    text = (tree / file).read_text(encoding="utf-8")
    nodes, parsed, found = list(ast_nodes(get_ast(text))), ast.parse(text), []
    spans, statements = _left_out(parsed), _statements(parsed)
    for name in sorted(cosmic_ray.plugins.operator_names()):
        operator = cosmic_ray.plugins.get_operator(name)
        if operator.arguments() or (name.endswith(IDENTITY) and "Operator_Is" not in name):
            continue
        for occurrence, (start, end) in enumerate(p for node in nodes for p in operator().mutation_positions(node)):
            if not any(a <= start and end <= b for a, b in spans):
                where = {"start": list(start), "line": start[0], "statement": statements.get(start[0], (start[0], start[0]))}
                found.append({"file": file, "operator": name, "occurrence": occurrence, **where})
    return found


def sample(tree: Path, files: list[str], size: int) -> list[dict]:
    """Return mutants: of each file in proportion to its sites, so that ``size`` are reached, at least ``LEAST``, one at each site."""
    sites = {}
    for file in files:
        sites[file] = collections.defaultdict(list)
        for mutant in mutants(tree, file):
            sites[file][tuple(mutant["start"])].append(mutant)
    total, chosen = sum(map(len, sites.values())), []
    for file, places in sites.items():
        rng = random.Random(f"{SEED} {file}")
        picked = rng.sample(sorted(places), min(len(places), max(LEAST, math.ceil(size * len(places) / total))))
        chosen += [rng.choice(places[place]) for place in picked]
    return [mutant for mutant in chosen if _is_python(mutated(tree, mutant)[1])]


def _is_python(text: str) -> bool:
    """Tell whether a mutant can be compiled: some operators write ``f(-, x)`` for ``f(*, x)``."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def mutated(tree: Path, mutant: dict) -> tuple[str, str]:
    """Return the text of the mutant's file without and with the mutation."""
    import cosmic_ray.plugins
    from cosmic_ray.mutating import mutate_code

    text = (tree / mutant["file"]).read_text(encoding="utf-8")
    return text, mutate_code(text, cosmic_ray.plugins.get_operator(mutant["operator"])(), mutant["occurrence"])


def digest(*paths: Path) -> str:
    """Return a short digest of files."""
    return hashlib.sha256(b"\0".join(p.read_bytes() for p in paths)).hexdigest()[:16]


class _Recorder:
    """A pytest plugin that tells coverage which test runs, and keeps how long each passing one took."""

    def __init__(self, cover):
        self.cover, self.seconds, self.failed = cover, collections.Counter(), set()

    def pytest_runtest_logstart(self, nodeid):
        self.cover.switch_context(nodeid)

    def pytest_runtest_logfinish(self):
        self.cover.switch_context("")

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += report.duration
        if report.outcome != "passed":
            self.failed.add(report.nodeid)


def _forked(copy: Path, seconds: float, work) -> int | None:
    """Run ``work()`` in a forked process inside a copy of the tree; return its exit code, None when it took too long."""
    pid = os.fork()
    if not pid:
        code = 70
        try:
            os.setsid()
            os.chdir(copy)
            sys.path.insert(0, str(copy))
            sys.dont_write_bytecode = True  # a mutant may have the size and the second of the original
            out = os.open(copy.parent / f"{copy.name}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(out, 1), os.dup2(out, 2)
            code = int(work())
        finally:
            os._exit(code)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def measure(test: str, copy: Path, target: Path) -> None:
    """Run one test file under coverage and write which of its tests execute which lines, and how long each takes."""
    import coverage
    import pytest

    def work():
        cover = coverage.Coverage(data_file=None, source=[str(copy / folder) for folder in SOURCES], config_file=False)
        recorder = _Recorder(cover)
        cover.start()
        code = pytest.main(["-q", "-p", "no:cacheprovider", test], plugins=[recorder])
        cover.stop()
        data, lines = cover.get_data(), {}
        for file in data.measured_files():
            lines[str(Path(file).relative_to(copy))] = {n: sorted(c) for n, c in data.contexts_by_lineno(file).items()}
        seconds = {name: s for name, s in recorder.seconds.items() if name not in recorder.failed}
        target.write_text(json.dumps({"seconds": seconds, "lines": lines, "failed": sorted(recorder.failed)}))
        return code

    _forked(copy, 1800, work)


def tests_of(mutant: dict, measured: list[dict]) -> tuple[list[str], float]:
    """Return the tests that execute a mutant's statement (of one that runs at import only, those whose file imports it), quickest first."""
    found = {}
    for one in measured:
        lines, (first, last) = one["lines"].get(mutant["file"], {}), mutant["statement"]
        contexts = list(itertools.chain.from_iterable(lines.get(str(n), []) for n in range(first, last + 1)))
        names = [c for c in contexts if c] or (list(one["seconds"]) if contexts else [])
        found |= {name: (not any(contexts), one["seconds"][name]) for name in names if name in one["seconds"]}
    own = f"tests/{mutant['file'].removeprefix('brian2chip/').split('/')[0]}/"
    chosen, total = [], 0.0
    for name in sorted(found, key=lambda n: (found[n][0], not n.startswith(own), found[n][1])):
        if total + found[name][1] <= PATIENCE or not chosen:
            chosen.append(name)
            total += found[name][1]
    return chosen, total


def run(mutant: dict, tests: list[str], seconds: float, copies: Path) -> dict:
    """Return the mutant with its outcome: "killed", "timeout" (which counts as killed), "survived" or "untested"."""
    import pytest

    before, after = mutated(copies / "tree", mutant)
    diff = "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), mutant["file"], mutant["file"], n=0))
    result = {**mutant, "diff": diff.split("\n", 2)[2], "tests": len(tests), "digest": digest(copies / "tree" / mutant["file"])}
    if not tests:
        return {**result, "outcome": "untested", "seconds": 0.0}
    copy, start = _copy(copies), time.monotonic()
    try:
        (copy / mutant["file"]).write_text(after, encoding="utf-8")
        limit = TIMEOUT[0] + TIMEOUT[1] * seconds
        code = _forked(copy, limit, lambda: pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))
    finally:
        (copy / mutant["file"]).write_text(before, encoding="utf-8")
    outcome = {0: "survived", None: "timeout"}.get(code, "killed")
    return {**result, "outcome": outcome, "seconds": round(time.monotonic() - start, 1)}


def _copy(copies: Path) -> Path:
    """Return this process's own copy of the tree, made when first asked for."""
    copy = copies / str(os.getpid())
    if not copy.exists():
        shutil.copytree(copies / "tree", copy)
    return copy


def _measure(test: str, copies: Path, target: Path) -> str:
    measure(test, _copy(copies), target)
    return test


def report(results: list[dict]) -> str:
    """Return the table, a row a file, and each survivor with its change."""
    rows, files = ["| file | mutants | killed | share |", "|---|---:|---:|---:|"], collections.defaultdict(list)
    for result in results:
        files[result["file"]].append(result["outcome"] in ("killed", "timeout"))
    for file, killed in [*sorted(files.items()), ("**all**", [k for outcomes in files.values() for k in outcomes])]:
        rows.append(f"| {file} | {len(killed)} | {sum(killed)} | {sum(killed) / max(len(killed), 1):.0%} |")
    for result in sorted(results, key=lambda r: (r["file"], r["line"])):
        if result["outcome"] in ("survived", "untested"):
            rows.append(
                f"\n{result['file']}:{result['line']} {result['operator']} ({result['outcome']}, {result['tests']} tests)\n{result['diff']}"
            )
    return "\n".join(rows)


def main() -> int:
    """Sample, measure, run, report; 1 when fewer than ``--least`` of the mutants are killed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="*", default=["*"], help="patterns of the files to mutate, e.g. 'analysis/*' (all by default)")
    parser.add_argument("--sample", type=int, default=SAMPLE, help=f"how many mutants at least (default {SAMPLE})")
    parser.add_argument("--processes", type=int, default=2, help="mutants at a time (default 2)")
    parser.add_argument("--least", type=float, default=0.0, help="share that must be killed, else exit code 1")
    parser.add_argument("--state", type=Path, default=ROOT / ".mutants", help="folder for coverage and results (default .mutants)")
    args = parser.parse_args()
    args.state.mkdir(parents=True, exist_ok=True)
    for heavy in ("brian2", "pandas", "scipy.optimize", "scipy.stats", "scipy.signal", "matplotlib.pyplot", "pytest", "hypothesis"):
        __import__(heavy)
    with tempfile.TemporaryDirectory(prefix="brian2chip-mutants-") as copies:
        tree = Path(copies) / "tree"
        snapshot(tree)
        chosen = sample(tree, sources(tree, args.files), args.sample)
        code = digest(*(tree / f for f in sources(tree, ["*"])))
        maps = {t: args.state / f"{t.replace('/', '.')}.{code}.{digest(tree / t)}.json" for t in test_files(tree)}
        pool = ProcessPoolExecutor(args.processes, multiprocessing.get_context("fork"))
        with pool:
            jobs = [pool.submit(_measure, t, Path(copies), target) for t, target in maps.items() if not target.exists()]
            for done, job in enumerate(jobs, 1):
                print(f"coverage {done}/{len(jobs)} {job.result()}", file=sys.stderr, flush=True)
            measured = [json.loads(target.read_text()) for target in maps.values()]
            for name in (n for one in measured for n in one["failed"]):
                print(f"left out, for it does not pass: {name}", file=sys.stderr)
            results = _run_all(chosen, measured, pool, Path(copies), args.state / "results.jsonl")
    text = report(results)
    (args.state / "report.md").write_text(text + "\n", encoding="utf-8")
    print(text)
    killed = sum(r["outcome"] in ("killed", "timeout") for r in results)
    return int(killed < args.least * len(results))


def _run_all(chosen, measured, pool, copies: Path, log: Path) -> list[dict]:
    """Run the mutants whose outcome is not known yet, and append each outcome to the log."""
    key = lambda m: (m["file"], m["operator"], m["occurrence"])  # noqa: E731
    known = {}
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
        known[key(json.loads(line))] = json.loads(line)
    results, jobs = [], []
    for mutant in chosen:
        names, seconds = tests_of(mutant, measured)
        files = sorted({copies / "tree" / name.split("::")[0] for name in names})
        against = hashlib.sha256("".join([*names, digest(*files)]).encode()).hexdigest()[:16]
        old = known.get(key(mutant), {})
        killed = old.get("outcome") in ("killed", "timeout")
        if old.get("digest") == digest(copies / "tree" / mutant["file"]) and (killed or old["against"] == against):
            results.append(old)
        else:
            jobs.append((pool.submit(run, mutant, names, seconds, copies), against))
    with log.open("a", encoding="utf-8") as file:
        for done, (job, against) in enumerate(jobs, 1):
            results.append({**job.result(), "against": against})
            print(json.dumps(results[-1]), file=file, flush=True)
            last = results[-1]
            print(
                f"{done}/{len(jobs)} {last['outcome']:<8} {last['seconds']:5.1f} s  {last['file']}:{last['line']}",
                file=sys.stderr,
                flush=True,
            )
    return results


if __name__ == "__main__":
    sys.exit(main())
