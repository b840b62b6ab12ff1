"""What the documentation says: commands and lines of Python run as they stand, and what stands below a command is what it prints.

A page that begins with ``<!-- run: fast -->`` (or ``slow``) is run from top to bottom in an empty folder. In a block ``console`` a line
with ``$`` is a command, and every other line, up to ``...``, must be in what it prints. A block ``python`` is run, or, when its first line
is ``# name.py``, saved under that name. A figure in running text is marked ``<!-- prints: COMMAND -> TEXT -->``, or ``slow prints:``.
"""

import re
import shlex
from pathlib import Path

import brian2
import pytest

from brian2chip import cli
from brian2chip.core import brian2_internals as internals

CLONE = Path(__file__).parents[1]
GENERATED = ("_build", "gallery", "generated")
PAGES = sorted(p for p in (CLONE / "docs").rglob("*.md") if not any(part in GENERATED for part in p.relative_to(CLONE / "docs").parts))
BLOCK = re.compile(r"^ *```(console|python)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
PRINTS = re.compile(r"<!-- (slow )?prints: brian2chip (.*?) -> (.*?) -->")


def pages(speed):
    return [page for page in PAGES if page.read_text(encoding="utf-8").startswith(f"<!-- run: {speed} -->")]


def name(page):
    return str(page.relative_to(CLONE))


def squeezed(text):
    return " ".join(text.split())


def command(words, capsys):
    """Run a command line in this process and return what it prints; patterns of files are expanded, as a shell does."""
    line = [word.replace("REPOSITORY", str(CLONE)) for word in shlex.split(words)]
    expanded = [found for word in line for found in (sorted(map(str, Path("/").glob(word[1:]))) if "*" in word else [word])]
    assert expanded[0] == "brian2chip"
    capsys.readouterr()
    assert cli.main(expanded[1:]) == 0, words
    return capsys.readouterr().out


def check(page, capsys):
    """Run the blocks of a page in their order."""
    names = {"__name__": "page"}
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        lines = [line.strip() if kind == "console" else line for line in text.splitlines()]
        if kind == "python" and (saved := re.fullmatch(r"# ([\w.]+\.py)", lines[0])):
            Path(saved[1]).write_text(text, encoding="utf-8")
        elif kind == "python":
            exec(compile(text, name(page), "exec"), names)
        else:
            printed = ""
            for line in filter(None, lines):
                if line.startswith("$ "):
                    printed = squeezed(command(line[2:], capsys))
                else:
                    assert squeezed(line.removesuffix("...")) in printed, f"{name(page)}: {line!r} is not in {printed[:2000]!r}"


@pytest.fixture
def somewhere(tmp_path, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    with internals.kept_state():
        brian2.prefs["codegen.target"] = "numpy"
        yield
    matplotlib.pyplot.close("all")


@pytest.mark.parametrize("page", pages("fast"), ids=name)
def test_a_page_runs(page, somewhere, capsys):
    check(page, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("page", pages("slow"), ids=name)
def test_a_slow_page_runs(page, somewhere, capsys):
    check(page, capsys)


def marked():
    for page in [*PAGES, CLONE / "README.md"]:
        for slow, words, text in PRINTS.findall(page.read_text(encoding="utf-8")):
            yield pytest.param(words, text, id=f"{name(page)}: {words}", marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize(("words", "text"), marked())
def test_a_figure_is_what_its_command_prints(words, text, somewhere, capsys):
    assert squeezed(text) in squeezed(command(f"brian2chip {words}", capsys))


def test_pages_are_run_and_figures_are_marked():
    assert len(pages("fast")) >= 7 and len(pages("slow")) >= 7 and len(list(marked())) >= 5


def test_every_tutorial_and_how_to_runs_or_has_nothing_to_run():
    """Those without a mark need what a test has not: files of other simulators, an installed package, sbi."""
    unmarked = [
        p for folder in ("tutorials", "howto") for p in (CLONE / "docs" / folder).glob("*.md") if p not in pages("fast") + pages("slow")
    ]
    assert {p.name for p in unmarked} == {"index.md", "nir.md", "plugin.md", "posterior.md"}


def test_every_command_in_the_pages_exists():
    said = {
        w
        for page in PAGES
        for w in re.findall(r"^(?:\$| {4,}|`)\s*brian2chip ([a-z][\w-]*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert said and said <= set(cli.commands()) | {"COMMAND"}
