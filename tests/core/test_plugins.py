"""Definitions of other installed packages, announced by entry points: found without import, used as the package's own."""

import json
import sys

import pytest

from brian2chip.cli import main
from brian2chip.core import registry
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError

SOURCE = '''
"""Rules of another laboratory."""
from brian2chip.core.rule import Rule

SLOW = Rule(name="slow_hebb", source="this test", model="w : 1", on_pre="w += 0.1", on_post="w += 0.2")
"""A rule of another laboratory."""
NUMBER = 3
'''
METADATA = "Metadata-Version: 2.1\nName: other-lab\nVersion: 1.0\nSummary: What the other laboratory made\n"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that installs a package ``other_lab`` with these entry points and this source."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(entry_points: str, source: str = SOURCE) -> None:
        (tmp_path / "other_lab.py").write_text(source)
        info = tmp_path / "other_lab-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(METADATA)
        (info / "entry_points.txt").write_text(entry_points)
        registry._scan.cache_clear()

    yield write
    registry._scan.cache_clear()
    sys.modules.pop("other_lab", None)


def test_a_rule_of_another_package_is_listed_without_import_and_runs(install, capsys):
    install("[brian2chip.rules]\nslow_hebb = other_lab:SLOW\n")
    assert main(["list", "rule", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["rule"]
    assert listed["slow_hebb"] == "A rule of another laboratory." and "stdp" in listed
    assert "other_lab" not in sys.modules
    rule = registry.get("rule", "slow_hebb")
    assert isinstance(rule, Rule) and rule is sys.modules["other_lab"].SLOW
    with pytest.raises(UserError, match="did you mean 'slow_hebb'"):
        registry.get("rule", "slow_heb")


@pytest.mark.parametrize("kind", registry.KINDS.values())
def test_every_kind_has_its_group(install, kind):
    install(f"[brian2chip.{kind}s]\nfrom_elsewhere = elsewhere.module:THING\n")
    entry = registry.catalogue(kind)["from_elsewhere"]
    assert entry == ("elsewhere.module", "THING", "What the other laboratory made", "other-lab")


@pytest.mark.parametrize(
    "entry_points, source, words",
    [
        ("slow_hebb = other_lab:SLOW", "raise RuntimeError('no licence')", ["RuntimeError: no licence", "mend or uninstall"]),
        ("slow_hebb = other_lab:SLOW", "def broken(:", ["SyntaxError"]),
        ("slow_hebb = other_lab:QUICK", SOURCE, ["QUICK"]),
        ("slow_hebb = nowhere.at_all:SLOW", SOURCE, ["nowhere"]),
        ("slow_hebb = other_lab:NUMBER", SOURCE, ["is the int"]),
        ("another_name = other_lab:SLOW", SOURCE, ["is the Rule 'slow_hebb'", "give name and kind"]),
    ],
)
def test_a_package_that_fails_is_named_and_the_rest_works(install, entry_points, source, words):
    install(f"[brian2chip.rules]\n{entry_points}\n", source)
    name = entry_points.split()[0]
    assert registry.catalogue("rule")[name].package == "other-lab"
    with pytest.raises(UserError) as error:
        registry.get("rule", name)
    for word in [f"the rule {name!r} of package other-lab", *words]:
        assert word in str(error.value)
    assert "\n" not in str(error.value)
    assert registry.get("rule", "stdp").name == "stdp"


def test_a_name_that_is_taken_stays_and_the_other_package_is_named(install, caplog):
    install("[brian2chip.rules]\nstdp = other_lab:SLOW\n")
    assert registry.catalogue("rule")["stdp"].package == ""
    assert "package other-lab announces the rule 'stdp', which brian2chip has already" in caplog.text
