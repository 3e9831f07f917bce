"""Scheduler and workers as separate processes, started by the lines that docs/DEPLOY.md gives, with keys made as it says."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from core.runs.request import Request
from tests.import_graph import ROOT

DEPLOY = (ROOT / "docs" / "DEPLOY.md").read_text()
HOST, PORT = "10.0.0.5", "8786"  # in the lines


def block(words: str) -> str:
    """The block of lines that holds these words."""
    return next(lines for lines in re.findall(r"```\n(.*?)```", DEPLOY, re.DOTALL) if words in lines)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def environment(script: str, folder: Path) -> dict[str, str]:
    """What the environment is after these lines, in a folder."""
    done = subprocess.run(["bash", "-ec", f"{script}\nenv -0"], cwd=folder, capture_output=True, text=True, check=True)
    return dict(one.split("=", 1) for one in done.stdout.split("\0") if "=" in one)


FRONT = """
import sys
from core.runs.kinds import KINDS, Kind, parse_request
KINDS["count"] = Kind("count", "spatial", "Count", package="tests.runs.count")
KINDS["counts"] = Kind("counts", "spatial", "Counts", package="tests.runs.counts")
from core.runs.database import server_owner
from core.runs.engine import connect
from core.runs.lab import Lab
from core.settings import settings
server_owner.RETURN_SECONDS = float(sys.argv[1])
engine = connect(Lab.open(settings()), settings().scheduler, 2, "2GiB")
print(engine.lab.registry.owner.name, flush=True)
for line in sys.stdin:
    print(engine.submit(parse_request(line)).id, flush=True)
"""


class Front:
    """A server without its screens: a process with an engine on a cluster, which is sent requests."""

    def __init__(self, env: Mapping[str, str], return_seconds: float = 10.0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", FRONT, str(return_seconds)], cwd=ROOT, env={**os.environ, **env}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._owner = ""

    @property
    def owner(self) -> str:
        """Its name among the owners of runs, as soon as it is ready."""
        self._owner = self._owner or self._line()
        return self._owner

    def submit(self, request: Request) -> str:
        """The id of the run."""
        assert self.owner
        assert self.process.stdin
        self.process.stdin.write(request.model_dump_json() + "\n")
        self.process.stdin.flush()
        return self._line()

    def kill(self) -> None:
        self.process.kill()
        with self.process:  # closes its pipes
            pass

    def _line(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        assert line, "the front has ended"
        return line


def _end_with_us() -> None:
    """Linux kills a process that has called this when the thread ends that has started it."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Outside:
    """A cluster whose keys lie below `folder`; `end` leaves nothing of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        subprocess.run(["bash", "-ec", block("openssl")], cwd=folder, capture_output=True, check=True)
        keys = block("REQUIRE_ENCRYPTION").replace("keys/", f"{folder}/keys/")
        self.env = environment(keys + self._lines()[0], folder)
        self.url = f"tls://127.0.0.1:{self.port}"
        self.env["GRIDCAST_SCHEDULER"] = self.url
        self._processes: list[subprocess.Popen[bytes]] = []

    def _lines(self) -> list[str]:
        lines = block("dask scheduler").replace(HOST, "127.0.0.1").replace(PORT, str(self.port)).replace("tcp://", "tls://")
        return lines.replace(".venv/bin/python", sys.executable).splitlines()

    def start(self, what: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """The `scheduler`, or a `worker`."""
        [line] = [line for line in self._lines() if f"dask {what} " in line]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {line}"], cwd=ROOT, env={**os.environ, **self.env, **(env or {})},
                stdout=log, stderr=log, start_new_session=True, preexec_fn=_end_with_us,
            )  # fmt: skip
        self._processes.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As a machine that is switched off: with all that it has started."""
        os.killpg(process.pid, 9)
        process.wait()

    def end(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                self.kill(process)

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")
