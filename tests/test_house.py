"""The house itself: how long files are, and what none of them does."""

import ast
import re
import subprocess
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = (
    "brian2chip",
    "models",
    "plasticity",
    "protocols",
    "tasks",
    "learning",
    "chips",
    "substrates",
    "translation",
    "bench",
    "sweeps",
    "inference",
    "analysis",
)
FILES = sorted(path for folder in PACKAGE for path in (ROOT / folder).rglob("*.py"))
LIBRARY = [path for path in FILES if path.parent.name != "commands" and path.name not in ("cli.py", "__main__.py")]


def name(path):
    return str(path.relative_to(ROOT))


def test_files_are_short():
    lines = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert len(lines) > 150 and median(lines.values()) <= 90
    assert [file for file, n in lines.items() if n > 250] == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_file_says_what_it_is(path):
    if path.name != "__main__.py":
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def calls(path):
    """Return the names that a file calls as functions, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [(node.func.id, node.lineno) for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]


@pytest.mark.parametrize("path", LIBRARY, ids=name)
def test_the_library_does_not_print_and_does_not_guess(path):
    found = [f"{name(path)}:{line} {called}" for called, line in calls(path) if called in ("print", "hasattr")]
    assert found == []


def test_no_data_becomes_code():
    """What is executed is the package's own equations; nothing is evaluated."""
    found = {called: [name(path) for path in FILES if any(called == each for each, _ in calls(path))] for called in ("eval", "exec")}
    assert found == {"eval": [], "exec": ["brian2chip/engine/on_arrays.py"]}


def test_nothing_of_this_machine_is_committed():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    if not files:
        pytest.skip("not a checkout of git")
    hosts = re.compile(r"(?:py|files\.py)" + r"pi\.(?:org|python)|python" + r"hosted|/" + r"root/|/" + r"work/")
    texts = [ROOT / file for file in files if Path(file).suffix in (".py", ".md", ".toml", ".html", ".json", ".yaml", "")]
    assert [name(path) for path in texts if path.is_file() and hosts.search(path.read_text(encoding="utf-8", errors="replace"))] == []
