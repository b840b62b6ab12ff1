"""Two processes never write one output: the second is told who does."""

import os
import platform
import threading

import pytest

from brian2chip.core import claims, output
from brian2chip.errors import UserError


def test_another_process_is_refused_and_told_who_holds_it(tmp_path):
    out = tmp_path / "out"
    ready, end = os.pipe(), os.pipe()
    number = os.fork()
    if not number:
        with claims.claimed(out):
            os.write(ready[1], b".")
            os.read(end[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    with pytest.raises(UserError, match=f"written by process {number} on {platform.node()} since 20"), claims.claimed(out):
        pass
    with pytest.raises(UserError, match="written by process"), output.folder(out):
        pass
    with claims.claimed(tmp_path / "another"):
        pass
    os.write(end[1], b".")
    os.waitpid(number, 0)
    with claims.claimed(out):
        pass
    assert os.listdir(tmp_path) == []


def test_a_process_that_was_killed_holds_nothing(tmp_path):
    number = os.fork()
    if not number:
        claim = claims.claimed(tmp_path / "out")
        claim.__enter__()
        os._exit(claim is None)
    os.waitpid(number, 0)
    assert len(os.listdir(tmp_path)) == 1  # the lock, which nobody holds
    with claims.claimed(tmp_path / "out"):
        pass
    assert os.listdir(tmp_path) == []


def test_the_same_thread_may_claim_again_and_another_may_not(tmp_path):
    found = []

    def other():
        try:
            with claims.claimed(tmp_path / "out"):
                found.append("held")
        except UserError as error:
            found.append(str(error))

    with claims.claimed(tmp_path / "out"), claims.claimed(tmp_path / "out"), output.folder(tmp_path / "out"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert f"process {os.getpid()} " in found[0]


def test_folders_above_are_made_and_removed_again_when_they_stay_empty(tmp_path):
    with claims.claimed(tmp_path / "a" / "b" / "out"):
        assert (tmp_path / "a" / "b").is_dir()
    assert os.listdir(tmp_path) == []
    with output.folder(tmp_path / "a" / "b" / "out"):
        pass
    assert (tmp_path / "a" / "b" / "out").is_dir()


def test_two_names_of_one_folder_are_one(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    number = os.fork()
    if not number:
        claim = claims.claimed(tmp_path / "real" / "out")
        claim.__enter__()
        os._exit(claim is None)
    os.waitpid(number, 0)
    with claims.claimed(tmp_path / "link" / "out"):
        assert [path.suffix for path in (tmp_path / "real").iterdir()] == [".lock"]


def test_a_name_that_no_file_can_have_is_one_sentence():
    with pytest.raises(UserError, match="zero byte"), claims.claimed("a\0b"):
        pass


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "7", '{"pid": 3, "host": "there"}'])
def test_a_lock_that_says_nothing_of_its_holder_is_another_process(tmp_path, monkeypatch, text):
    monkeypatch.setattr(claims, "PATIENCE", 0.0)
    monkeypatch.setattr(claims.temporary, "claim", lambda *_: None)
    (tmp_path / "out.lock").write_text(text)
    with pytest.raises(UserError, match="is being written by another process; wait until it ends"):
        claims._held(tmp_path / "out.lock", tmp_path / "out")
    (tmp_path / "out.lock").write_text('{"pid": 3, "host": "there", "since": "noon"}')
    with pytest.raises(UserError, match="is being written by process 3 on there since noon"):
        claims._held(tmp_path / "out.lock", tmp_path / "out")
