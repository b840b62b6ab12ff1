"""A worker process of this machine: ``python -m brian2chip.core.worker_process ADDRESS FOLDER``; it ends when its standard input does."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import threading

import dask
import distributed

from brian2chip.core.temporary import remove_own


def main(address: str, folder: str) -> None:
    """Compute what the scheduler at an address sends, until the process that started this one is gone."""
    tempfile.tempdir = folder  # what Brian2 writes there goes with the folder, whatever ends this process
    signal.signal(signal.SIGTERM, lambda *_: _leave())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with dask.config.set({"distributed.worker.profile.enabled": False}):  # it looks at every thread a hundred times a second
        asyncio.run(_work(address, folder))


async def _work(address: str, folder: str) -> None:
    # A worker holds one result at a time, so nothing has to be moved to the disk.
    async with distributed.Worker(address, nthreads=1, local_directory=folder, dashboard=False, memory_limit=0) as worker:
        await worker.finished()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    _leave()


def _leave() -> None:
    remove_own()
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
