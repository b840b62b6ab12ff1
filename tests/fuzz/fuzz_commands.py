"""Command lines that are valid, and what makes them wrong."""

from __future__ import annotations

import argparse
import functools
import importlib
import os
import shutil
from pathlib import Path

from fuzz_mutations import NUMBERS, TEXTS, mutate_any, mutate_folder, mutate_text, pick
from fuzz_seeds import CHIPS, TRACES, Seeds

from brian2chip.cli import commands

RULES = ("stdp", "triplet", "triplet:visual_cortex_all_full", "sdsp", "bcm", "eprop")
#: Those whose work starts within a second or two; bcm_rate draws spikes for seven.
PROTOCOLS = ("bi_poo_1998", "sjostrom_2001", "wang_2005")
TASKS = ("evidence_accumulation", "pattern_generation", "store_recall", "spoken_digits", "evidence_accumulation_lif")
#: Options that take a value, and typical values.
VALUES = {
    "--set": ("tau_plus=20ms", "A_plus=0.01", "w_max=1"), "--option": ("pairs=10", "rate_hz=1", "points=5", "dt_max_ms=50"),
    "--device": ("numpy", "cython", "auto", "genn"), "--seed": ("1", "7"), "--rule": RULES, "--chip": tuple(CHIPS), "--batch": ("1", "4"),
    "--iterations": ("1", "10"), "--bits": ("4", "8"), "--rate": ("0.01", "1e-3"), "--rounding": ("nearest", "stochastic"),
    "--broadcast": ("random", "symmetric"), "--free": ("A_plus", "tau_plus"), "--task": TASKS, "--protocols": PROTOCOLS, "--rules": RULES,
    "--clock": ("10e6", "1"), "--nir": ("nir", "norse", "snntorch"), "--data": ("sounds",), "--trials": ("5",), "--seeds": ("1", "2"),
}  # fmt: skip
VARIED = ("tau_plus=10ms:30ms:3", "A_plus=0.01,0.02", "w=0.5", "pairs=2", "[1, 2]*ms", "w=0:1:2:log")
FLAGS = ("--json", "--force", "--progress", "--resume", "--quiet", "--with-float", "--split-signs", "--help", "--unknown")


def _valid(rng, seeds: Seeds, work: Path) -> list[str]:
    """Return the words of a command that would work; files are copies that may be changed."""
    copy = lambda name: str(shutil.copy(seeds[name], work / seeds[name].name))  # noqa: E731
    tree = lambda name: str(shutil.copytree(seeds[name], work / name, symlinks=True))  # noqa: E731
    out = ["--out", str(work / "out")]
    table = ["--out", str(work / "table.csv")]
    run = [*(["--device", "numpy"] if rng.random() < 0.8 else []), *(["--seed", "3"] if rng.random() < 0.2 else [])]
    chip = pick(rng, list(CHIPS))
    made = {
        "run": lambda: [pick(rng, PROTOCOLS), "--rule", pick(rng, RULES), *_settings(rng), *run, *(out if rng.random() < 0.3 else [])],
        "fit": lambda: [pick(rng, PROTOCOLS), "--rule", pick(rng, RULES), *_settings(rng), *run],
        "sweep": lambda: [
            pick(rng, PROTOCOLS),
            pick(rng, RULES),
            "--vary",
            pick(rng, VARIED),
            *run,
            *(table if rng.random() < 0.5 else []),
        ],
        "show": lambda: [pick(rng, (*RULES, *PROTOCOLS, "bcm_rate", *TASKS, *CHIPS))],
        "list": lambda: [pick(rng, ("rule", "chip", "protocol", "model", "task"))],
        "compare": lambda: ["--rules", "stdp", "triplet", "--protocols", "bi_poo_1998", *out, *run],
        "atlas": lambda: ["--rules", "stdp", "triplet", "--protocols", "bi_poo_1998", "wang_2005", *out, *run],
        "train": lambda: [pick(rng, TASKS), "--batch", "1", "--iterations", "1", *run, *(out if rng.random() < 0.5 else [])],
        "bit-width": lambda: [pick(rng, TASKS), "--trials", "2", "--iterations", "1", *out],
        "verify": lambda: ["eprop", "--batch", "1", "--device", "numpy"],
        "demo": lambda: out,
        "translate": lambda: [
            copy("net.npz"),
            "--chip",
            chip,
            *out,
            *(["--calibration", copy("spikes.npz")] if rng.random() < 0.3 else []),
        ],
        "inspect": lambda: [tree(f"on_{chip}")],
        "simulate": lambda: [tree(f"on_{chip}"), "--input", copy("spikes.npz")],
        "replay": lambda: [c := pick(rng, list(TRACES)), copy(f"trace_{c}.npz")],
    }
    weights = (
        *(8 * ["run"]),
        *(4 * ["fit"]),
        *(3 * ["sweep"]),
        "show",
        "show",
        "list",
        "compare",
        "atlas",
        *(4 * ["train"]),
        "bit-width",
        "verify",
        "demo",
    )
    name = pick(rng, (*weights, *(5 * ["translate"]), *(4 * ["inspect"]), *(3 * ["simulate"]), "replay"))
    return [name, *made[name]()]


def _settings(rng) -> list[str]:
    words = []
    for option in ("--set", "--option"):
        if rng.random() < 0.5:
            words += [option, pick(rng, VALUES[option])]
    return words


def wrong_command(rng, seeds: Seeds, work: Path) -> list[str]:
    """Return the words of a command line in which something is wrong, or the file that it names."""
    argv = _valid(rng, seeds, work)
    files = [Path(word) for word in argv if word.startswith(str(work)) and os.path.exists(word)]
    if files and rng.random() < 0.6:
        path = pick(rng, files)
        mutate_folder(path, rng) if path.is_dir() else mutate_any(path, rng)
        return argv
    if rng.random() < 0.08:
        (work / "rule.py").write_text(mutate_text(seeds["rule.py"].read_text(), rng), errors="replace")
        return [pick(rng, ("run", "fit")), "bi_poo_1998", "--rule", str(work / "rule.py"), "--device", "numpy"]
    for _ in range(int(rng.integers(1, 3))):
        argv = _changed(argv, rng, work)
    return [word if isinstance(word, str) else str(word) for word in argv]


def _changed(argv: list[str], rng, work: Path) -> list[str]:
    argv, kind = list(argv), rng.random()
    at = int(rng.integers(1, len(argv))) if len(argv) > 1 else 0
    if kind < 0.08:
        del argv[at]
    elif kind < 0.12:
        argv.insert(at, argv[at])
    elif kind < 0.45:
        argv[at] = _value(argv[at], rng, work)
    elif kind < 0.97 and argv:
        known = [*VALUES, *FLAGS] if rng.random() < 0.1 else _options(argv[0])
        option = pick(rng, known or ["--json"])
        values = VALUES.get(option, ("1", "x")) if option not in FLAGS else ()
        argv += [option, *([_value(pick(rng, values), rng, work) if rng.random() < 0.8 else pick(rng, values)] if values else [])]
    elif argv:
        argv[0] = pick(rng, ("", "runn", "emulate", "-h", "--version", "é", "../run", "_shared"))
    return argv


@functools.cache
def _options(command: str) -> list[str]:
    """Return the options that a command has."""
    if command not in commands():  # a misspelt one
        return []
    module = importlib.import_module(f"brian2chip.commands.{command.replace('-', '_')}")
    parser = argparse.ArgumentParser(add_help=False)
    module.arguments(parser)
    return [action.option_strings[-1] for action in parser._actions if action.option_strings]


def _value(old: str, rng, work: Path) -> str:
    """Return another value, behind the same NAME= if there is one."""
    name, equals, value = old.partition("=")
    kind = rng.random()
    if equals and kind < 0.8:
        return f"{name}={pick(rng, (*TEXTS, *NUMBERS, *(f'{n}ms' for n in NUMBERS[:12]), '20mV', '20', '-20ms', '0ms', value + value))}"
    if kind < 0.15:
        os.makedirs(work / "odd", exist_ok=True)
        if not os.path.exists(work / "odd" / "pipe"):
            os.mkfifo(work / "odd" / "pipe")
        return pick(rng, (str(work), str(work / "odd" / "pipe"), "/dev/null", str(work / "none" / "x"), "/proc/self/mem", "/dev/stdin"))
    return str(pick(rng, (*TEXTS, *NUMBERS, old + "x", old[:-1], old.upper())))
