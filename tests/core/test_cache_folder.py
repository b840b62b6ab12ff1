"""Where the cache lies on each system; who may write there: ``tests/engine/test_session.py``."""

from pathlib import Path

import platformdirs.windows
import pytest

from brian2chip.core import cache_folder


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    monkeypatch.delenv("BRIAN2CHIP_CACHE", raising=False)


def test_on_windows_no_folder_of_an_author_stands_between(monkeypatch, tmp_path):
    monkeypatch.setattr(platformdirs.windows, "get_win_folder", lambda name: str(tmp_path))
    monkeypatch.setattr(cache_folder, "user_cache_path", lambda *a, **how: platformdirs.windows.Windows(*a, **how).user_cache_path)
    assert cache_folder.cache_directory() == tmp_path / "brian2chip" / "Cache"


def test_a_folder_that_is_named_is_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIAN2CHIP_CACHE", "mine/../here")
    assert cache_folder.cache_directory() == tmp_path / "here"


def test_the_folder_of_a_kind_is_made_and_closed_with_all_above_it(monkeypatch, tmp_path):
    tmp_path.chmod(0o700)
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path / "a" / "b"))
    assert cache_folder.why_not_kept("programs") == "" and cache_folder.kept("programs") == tmp_path / "a" / "b" / "programs"
    folder = Path(tmp_path / "a" / "b" / "programs")
    folder.chmod(0o750)
    assert cache_folder.why_not_kept("programs") == "" and folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o770)
    assert cache_folder.why_not_kept("programs") == f"others may write to {folder}"
    assert folder.stat().st_mode & 0o777 == 0o770  # what may hold another's program is not made ours
