"""A worker ends with the process that started it, and does not wait for that when its work is done."""

import io
import signal
import tempfile
import threading
from types import SimpleNamespace

import pytest

pytest.importorskip("distributed")
from brian2chip.core import worker_process


def test_the_watch_over_the_parent_does_not_keep_a_worker_alive(monkeypatch, tmp_path):
    made, signals = [], {}
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(signal, "signal", signals.__setitem__)
    monkeypatch.setattr(threading, "Thread", lambda **how: made.append(how) or SimpleNamespace(start=lambda: made.append("started")))
    monkeypatch.setattr(worker_process.asyncio, "run", lambda work: work.close())
    worker_process.main("tcp://nowhere:1", str(tmp_path))
    assert made == [{"target": worker_process._end_with_parent, "daemon": True}, "started"] and set(signals) == {signal.SIGTERM}
    assert tempfile.gettempdir() == str(tmp_path)


def test_the_end_of_the_parent_removes_what_is_left_and_ends_this(monkeypatch):
    said = []
    monkeypatch.setattr(worker_process.sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    monkeypatch.setattr(worker_process, "remove_own", lambda: said.append("removed"))
    monkeypatch.setattr(worker_process.os, "_exit", said.append)
    worker_process._end_with_parent()
    assert said == ["removed", 1]
