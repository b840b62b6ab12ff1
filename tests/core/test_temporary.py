"""Temporary names end with their process, and permissions are those that the user's umask gives."""

import os
import stat

import pytest

from brian2chip.core import output, temporary
from brian2chip.core.npz import write_npz
from brian2chip.errors import UserError


def in_a_child(work):
    """Run something in a process that is then gone as if it were killed: nothing is cleared up."""
    number = os.fork()
    if not number:
        kept = None
        try:
            kept = work()
        finally:
            os._exit(kept is None)
    os.waitpid(number, 0)


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_lives_is_not(tmp_path):
    for context in (temporary.temporary_folder(tmp_path), temporary.whole_file(tmp_path / "a.csv")):
        in_a_child(lambda context=context: context.__enter__())
    (tmp_path / "mine").write_text("no temporary name")
    assert len(os.listdir(tmp_path)) == 2  # the second removed what the first had left
    with temporary.temporary_folder(tmp_path) as first:
        (first / "file").write_text("")
        with temporary.temporary_folder(tmp_path) as second:
            assert sorted(tmp_path.iterdir()) == sorted([first, second, tmp_path / "mine"])
            assert (first / "file").exists()
    assert os.listdir(tmp_path) == ["mine"]


def test_a_link_and_another_users_file_are_left_alone(tmp_path, monkeypatch):
    (tmp_path / "target").mkdir()
    link, foreign = (f"{temporary.PREFIX}{16 * letter}" for letter in "ab")
    (tmp_path / link).symlink_to(tmp_path / "target")
    (tmp_path / foreign).write_text("")
    (tmp_path / f"{temporary.PREFIX}results").write_text("a name that only begins like ours")
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    temporary.remove_abandoned(tmp_path)
    assert len(os.listdir(tmp_path)) == 4
    monkeypatch.undo()
    temporary.remove_abandoned(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [link, f"{temporary.PREFIX}results", "target"]


def test_a_forked_process_does_not_remove_its_parents_folder(tmp_path):
    context = temporary.temporary_folder(tmp_path)
    folder = context.__enter__()
    in_a_child(lambda: context.__exit__(None, None, None))
    assert folder.is_dir()
    context.__exit__(None, None, None)
    assert not folder.exists()


@pytest.mark.parametrize("umask, file, folder", [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700), (0o002, 0o664, 0o775)])
def test_permissions_are_what_the_umask_gives(umask, file, folder, tmp_path):
    before = os.umask(umask)
    try:
        write_npz(tmp_path / "a.npz", {})
        with output.folder(tmp_path / "out") as target:
            output.write_json(target / output.MARK, {})
    finally:
        os.umask(before)
    mode = lambda path: stat.S_IMODE((tmp_path / path).stat().st_mode)  # noqa: E731
    assert (mode("a.npz"), mode("out"), mode("out/run.json")) == (file, folder, file)


def test_names_of_250_characters_are_written(tmp_path):
    name = "n" * 250
    write_npz(tmp_path / name, {})
    with output.folder(tmp_path / f"{name}.out") as folder:
        (folder / "a").write_text("")
    assert sorted(map(len, os.listdir(tmp_path))) == [250, 254]
    with pytest.raises(UserError, match="too long"):
        output.check_writable(tmp_path / ("n" * 300) / "a")


def test_names_become_files_without_becoming_one_another():
    long = ["r" * 250, "r" * 249 + "s"]
    names = ["stdp", "triplet:visual", "triplet_visual", "a/b", "a_b", *long]
    files = [output.file_name(name) for name in names]
    assert files[0] == "stdp" and len(set(files)) == len(names)
    assert all("/" not in file and ":" not in file and len(file) <= output.LONGEST for file in files)


def test_folders_of_a_process_that_ends_go_even_where_one_is_gone_already(tmp_path):
    with temporary.temporary_folder(tmp_path) as first, temporary.temporary_folder(tmp_path) as second:
        first.rmdir()
        (second / "left").write_text("")
        temporary.remove_own()
        assert not any(tmp_path.iterdir())
