"""The embedded cluster, a process of its own: `python -m core.runs.local WORKERS MEMORY FOLDER`.

It prints its address, with the key that it asks for, as one line, and ends when its standard input does, so that it never
outlives the process that started it, however that ended. It ends at once, with all its workers: what they are at is interrupted
in any case, and a cluster that is asked to close takes seconds.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import FrameType

import dask

import core.runs.cluster.steady_clock  # noqa: F401 - for its effect
from core.errors import RunFailed
from core.runs.cluster.address import Address
from core.runs.cluster.config import use_lab_config
from core.settings import ONE_THREAD

_started: set[subprocess.Popen[str]] = set()  # and not ended


def start(workers: int, memory: str) -> tuple[subprocess.Popen[str], Address]:
    """Start the cluster; return its process and its address. RunFailed when it does not come up."""
    root = Path(__file__).parents[2]
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")]))
    process = subprocess.Popen(
        [sys.executable, "-m", "core.runs.local", str(workers), memory, tempfile.mkdtemp(prefix="gridcast-cluster-")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl+C is for us; it ends when its pipe closes, and its workers are of its group
    )
    _started.add(process)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        end(process)
        raise RunFailed("the process that does the runs has ended at its start; the lines above say why. Start the lab again")
    return process, Address.from_json(line)


def end(process: subprocess.Popen[str]) -> None:
    """End a cluster that was started here, its workers and what they have written; nothing is said about it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert isinstance(process.args, list)
    shutil.rmtree(process.args[-1], ignore_errors=True)
    _started.discard(process)
    with process:  # closes its pipes
        pass


def end_started() -> None:
    """End every cluster that this process has started, for one that ends at once."""
    for process in list(_started):
        end(process)


def main(workers: int, memory: str, folder: str) -> None:
    from core.runs.cluster.private import address_of, private_cluster

    def end_all(*_: int | FrameType | None) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        os.killpg(0, signal.SIGKILL)

    os.nice(10)  # screens come first, from the first import on
    use_lab_config()
    dask.config.set({"temporary-directory": folder})
    signal.signal(signal.SIGTERM, end_all)
    with private_cluster(memory) as cluster:
        print(address_of(cluster).to_json(), flush=True)
        cluster.scale(workers)  # they warm up while the parent goes on
        sys.stdin.read()  # returns when the parent closes the pipe or is gone
        end_all()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
