"""The cache shrinks by age and size, and nothing in it is touched that is not its own."""

import json
import os

import pytest

from brian2chip import cli
from brian2chip.core import cache_contents, kept_files

DAY = 86400.0


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def entry(cache, kind, number, size=1000, age=0.0, suffix=""):
    """Make an entry of two files that was last used so many days ago."""
    folder = cache / kind
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{number:032x}"
    for path, length in ((folder / f"{name}{suffix}", size), (folder / f"{name}.sha256", 64)):
        path.write_bytes(bytes(length))
        then = path.stat().st_mtime - age * DAY
        os.utime(path, (then, then))
    return folder / f"{name}{suffix}"


def test_entries_are_what_belongs_together(cache):
    entry(cache, "programs", 1, age=2)
    (cache / "programs" / f"{1:032x}.lock").touch()
    entry(cache, "headers", 2, size=5000, age=3, suffix=".gch")
    (cache / "programs" / "mine.txt").write_text("not ours")
    found = cache_contents.entries()
    assert [(each.kind, each.size, len(each.files)) for each in found] == [("headers", 5064, 2), ("programs", 1064, 3)]


def test_what_was_not_used_goes_and_then_the_oldest(cache):
    paths = [entry(cache, "programs", k, age=age) for k, age in enumerate((100, 89, 5, 1))]
    assert cache_contents.trim(days=90) == 1064
    assert [path.exists() for path in paths] == [False, True, True, True]
    assert cache_contents.trim(days=90, most=3 * 1064) == 0
    assert cache_contents.trim(days=90, most=2 * 1064) == 1064
    assert [path.exists() for path in paths] == [False, False, True, True]
    assert len(list((cache / "programs").iterdir())) == 4


def test_use_keeps_an_entry(cache, tmp_path):
    (tmp_path / "made").write_bytes(b"program")
    (cache / "programs").mkdir(parents=True)
    path = kept_files.keep(tmp_path / "made", cache / "programs" / f"{7:032x}")
    for file in (path, path.with_suffix(".sha256")):
        os.utime(file, (1.0, 1.0))
    assert kept_files.is_whole(path) and cache_contents.trim(days=90) == 0 and path.exists()


def test_a_link_in_the_place_of_a_folder_is_left_alone(cache, tmp_path):
    path = entry(tmp_path / "elsewhere", "programs", 1, age=1000)
    cache.mkdir()
    (cache / "programs").symlink_to(tmp_path / "elsewhere" / "programs")
    assert cache_contents.entries() == [] and cache_contents.trim() == 0 and path.exists()


def test_the_command_shows_and_clears(cache, capsys):
    entry(cache, "programs", 1)
    entry(cache, "recipes", 2)
    (cache / "notes.txt").write_text("a user's own")
    assert cli.main(["cache", "--json"]) == 0
    about = json.loads(capsys.readouterr().out)
    assert (about["place"], about["programs"], about["recipes"], about["bytes"]) == (str(cache), 1, 1, 2 * 1064)
    assert cli.main(["cache"]) == 0 and "1 programs" in capsys.readouterr().out
    assert cli.main(["cache", "clear"]) == 0 and "cleared" in capsys.readouterr().out
    assert cache_contents.entries() == [] and (cache / "notes.txt").exists()
    assert cli.main(["cache", "clear", "stdp"]) == 2 and "takes no names" in capsys.readouterr().err


def test_the_command_fills_it_beforehand(cache, monkeypatch, capsys):
    """Each rule that is named goes through each protocol of independent synapses, once."""
    seen = []

    def run(protocol, rule):
        seen.append((protocol.name, rule.name))
        entry(cache, "programs", len(seen))
        return type("Table", (), {"attrs": {"run": {"device": "cpp_standalone"}}})

    monkeypatch.setattr("brian2chip.protocols.run.run", run)
    assert cli.main(["cache", "warm", "stdp"]) == 0
    assert ("bi_poo_1998", "stdp") in seen and ("song_2000", "stdp") not in seen  # a network of its own
    assert f"{len(seen)} programs made" in capsys.readouterr().out


def test_trainings_are_compiled_beforehand_too(cache, monkeypatch, capsys):
    """One update of a recurrent network, one epoch of a layered one."""
    seen = []
    monkeypatch.setattr("brian2chip.learning.train.train", lambda task, **how: seen.append((task, how)))
    assert cli.main(["cache", "warm", "store_recall", "digits"]) == 0 and "0 programs made" in capsys.readouterr().out
    assert seen == [("store_recall", {"iterations": 1}), ("digits", {"epochs": 1})]


def test_names_are_checked_before_anything_is_compiled(cache, monkeypatch, capsys):
    monkeypatch.setattr("brian2chip.learning.train.train", lambda task, **how: pytest.fail("was trained"))
    assert cli.main(["cache", "warm", "digits", "sdtp"]) == 2
    assert "no rule or task called 'sdtp'; did you mean 'stdp'" in capsys.readouterr().err


def test_what_is_kept_without_a_word(cache):
    """docs/explanation/architecture.md: 90 days, and 2 GB (as binary ones); nothing goes that is younger and fits."""
    assert (cache_contents.DAYS, cache_contents.BYTES) == (90, 2_147_483_648)
    paths = [entry(cache, "programs", k, age=age) for k, age in enumerate((90.5, 89.5))]
    assert cache_contents.trim() == 1064 and [path.exists() for path in paths] == [False, True]
    assert cache_contents.remove([]) == 0
