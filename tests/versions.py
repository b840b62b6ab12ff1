"""Run a fast part of the tests on several versions of Brian2, each in an environment of its own, and print their table.

    python tests/versions.py [--environments FOLDER] [NAME ...]

A name is one of ``ENVIRONMENTS``; without one, all run whose Python is found.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Every trick with Brian2's insides, every device, rules against their oracles, a chip bit for bit: three minutes on two quiet cores.
FAST = (
    "tests/core/test_brian2_internals.py",
    "tests/engine",
    "tests/plasticity/test_spike_timing_rules.py",
    "tests/analysis/test_locality.py",
    "tests/learning/test_surrogates.py",
    "tests/chips/test_odin.py::test_recorded_trace_is_exact",
)


@dataclass(frozen=True)
class Environment:
    """A Python, a Brian2, and what else this Brian2 asks for; ``from_source`` installs it on a Python that its wheels leave out."""

    python: str
    brian2: str
    pins: tuple[str, ...] = ()
    from_source: bool = False

    @property
    def name(self) -> str:
        return f"brian2-{self.brian2}-{self.python}"


ENVIRONMENTS = (
    Environment("python3.11", "2.5.4", ("numpy<2", "cython<3", "setuptools<81", "pandas<3")),
    Environment("python3.11", "2.8.0", ("numpy<2.4",)),
    Environment("python3.11", "2.9.0", ("numpy<2.4",)),
    Environment("python3.11", "2.11.0", ("cython", "setuptools>=77", "setuptools_scm", "sympy", "pyparsing", "jinja2"), from_source=True),
    Environment("python3.12", "2.10.1"),
    Environment("python3.13", "2.11.0"),
)


def make(environment: Environment, folder: Path) -> Path:
    """Return the Python of an environment, made in a folder unless it is there."""
    python = folder / "bin" / "python"
    if (folder / ".installed").exists():
        return python
    others = [requirement for requirement in _requirements() if not requirement.startswith(("brian2", "numpy"))]
    brian2 = f"brian2=={environment.brian2}"
    subprocess.run([environment.python, "-m", "venv", "--clear", folder], check=True)
    install = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, *others, *environment.pins, *([] if environment.from_source else [brian2])], check=True)
    if environment.from_source:
        build = ["--no-deps", "--no-build-isolation", "--ignore-requires-python", "--no-binary", "brian2"]
        subprocess.run([*install, *build, brian2], check=True)
    (folder / ".installed").touch()
    return python


def _requirements() -> list[str]:
    """Return what the package and its tests need; an extra that names others of the package's by what those need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {f"{project['name']}[{name}]": needed for name, needed in project["optional-dependencies"].items()}
    return project["dependencies"] + [each for one in project["optional-dependencies"]["test"] for each in extras.get(one, [one])]


def run(environment: Environment, folder: Path) -> str:
    """Return the row of the table: versions, tests passed, failed and skipped, and the seconds they took."""
    python = make(environment, folder)
    ask = "import platform, numpy, brian2; print(platform.python_version(), numpy.__version__, brian2.__version__)"
    versions = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.split()
    report = folder / "report.xml"
    variables = dict(os.environ, BRIAN2CHIP_CACHE=str(folder / "cache"))
    log = folder / "log.txt"
    with open(log, "w") as out:
        command = [python, "-m", "pytest", *FAST, f"--junitxml={report}", "-p", "no:cacheprovider"]
        subprocess.run(command, cwd=ROOT, env=variables, stdout=out, stderr=subprocess.STDOUT)
    suite = ElementTree.parse(report).getroot()[0].attrib
    failed, skipped = int(suite["failures"]) + int(suite["errors"]), int(suite["skipped"])
    if failed:
        print(f"{environment.name}: {failed} failed, see {log}", file=sys.stderr)
    source = " (from source)" if environment.from_source else ""
    passed = int(suite["tests"]) - failed - skipped
    cells = (versions[0], versions[1], versions[2] + source, passed, failed, skipped, round(float(suite["time"])))
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Make the environments that were asked for, run the tests in each, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(e.name for e in ENVIRONMENTS))
    parser.add_argument("--environments", type=Path, default=ROOT / ".versions", help="folder that keeps them")
    args = parser.parse_args()
    unknown = set(args.names) - {e.name for e in ENVIRONMENTS}
    if unknown:
        parser.error(f"there is no environment {', '.join(sorted(unknown))}; choose from {', '.join(e.name for e in ENVIRONMENTS)}")
    rows = ["| Python | NumPy | Brian2 | passed | failed | skipped | s |", "|---|---|---|---|---|---|---|"]
    for environment in ENVIRONMENTS:
        if args.names and environment.name not in args.names:
            continue
        if shutil.which(environment.python) is None or subprocess.run([environment.python, "--version"], capture_output=True).returncode:
            print(f"{environment.name}: there is no {environment.python} here", file=sys.stderr)
            continue
        rows.append(run(environment, (args.environments / environment.name).resolve()))
        print(rows[-1], file=sys.stderr, flush=True)
    print("\n".join(rows))
    sys.exit(any(row.split("|")[5].strip() != "0" for row in rows[2:]))


if __name__ == "__main__":
    main()
