"""What is said of the package in several files is said alike."""

import re
import tomllib
from pathlib import Path

import brian2chip
from brian2chip.core.brian2_version import OLDEST

CLONE = Path(__file__).parents[1]
PROJECT = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read(name):
    return (CLONE / name).read_text(encoding="utf-8")


def test_one_version_everywhere():
    assert re.search(r"^version: (\S+)$", read("CITATION.cff"), re.MULTILINE)[1] == brian2chip.__version__
    assert re.search(r'set version = "(.+?)"', read("conda/meta.yaml"))[1] == brian2chip.__version__
    assert f"## {brian2chip.__version__} (" in read("CHANGELOG.md")


def test_the_recipe_asks_for_what_the_package_asks_for():
    asked = {re.split(r"[<>=; ]", each)[0] for each in PROJECT["dependencies"]}
    run = read("conda/meta.yaml").partition("  run:\n")[2].partition("\ntest:")[0]
    assert {name.removesuffix("-base") for name in re.findall(r"- ([\w-]+)", run)} == asked | {"python"}
    assert f"brian2 >={'.'.join(map(str, OLDEST))}" in run


def test_the_workflow_tries_the_versions_that_are_promised():
    workflow = read(".github/workflows/tests.yml")
    assert {f"3.{minor}" for minor in (11, 12, 13)} == set(re.findall(r'python: "(3\.\d+)"', workflow))
    assert re.search(r"os: \[macos-latest, windows-latest\]", workflow)
    brian2 = set(re.findall(r"brian2==([\d.]+)", workflow))
    assert brian2 == set(re.findall(r"^\| 3\.\S+ \| \S+ \| ([\d.]+)", read("docs/results/versions.md"), re.MULTILINE))


def test_every_reference_of_the_paper_is_listed_and_used():
    cited = set(re.findall(r"@(\w+)", read("paper.md").partition("---\n\n")[2]))
    assert cited == set(re.findall(r"^@\w+\{(\w+),", read("paper.bib"), re.MULTILINE))


def test_no_address_is_invented():
    """The sources have no public address yet; the only ones in metadata would be false."""
    assert "urls" not in PROJECT and "repository" not in read("CITATION.cff")
