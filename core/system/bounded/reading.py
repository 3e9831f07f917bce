"""To read what a stranger brings in a process whose memory and time are bounded, so that no file ends the lab or fills it.

A reader is a generator at the top of a module: `reader(files, *arguments)`, files as (name, content), arguments of JSON. It
yields bytes, the parts of the answer, and numbers: how many bytes of memory it is about to need, to wait until there is room.
"""

from __future__ import annotations

import atexit
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from core import errors
from core.errors import GridcastError
from core.settings import ONE_THREAD
from core.system.bounded.server import MEMORY, SECONDS
from core.system.bounded.turns import LOOK_SECONDS, Check, Turns
from core.system.bounded.wire import MODULE_BYTES, Fields, receive, send
from core.system.events import event
from core.system.unreadable import printable

Step = bytes | int  # a part of the answer, or how many bytes of memory come next
Reader = Callable[..., Iterator[Step]]
Files = Sequence[tuple[str, bytes]]
Wanted = Callable[[], bool]  # whether somebody still waits for what is being read; it may also raise

MOST_AT_ONCE = 16  # readings; those that need much memory also wait for each other
SILENT_SECONDS = 120.0  # without a word, on a machine that is busy
_OUT_OF_TIME = {signal.SIGPROF, signal.SIGXCPU}
_TURNS, _PLACES = Turns(), threading.BoundedSemaphore(MOST_AT_ONCE)


class _Server:
    """The process that forks, started when it is first needed, and again when it has ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._loaded: set[str] = set()

    def ask(self, module: str) -> socket.socket:
        """The connection to a process that has this module, and that ends when the connection does."""
        ours, theirs = socket.socketpair()
        message = [module.encode().ljust(MODULE_BYTES)]
        with self._lock, theirs:
            try:
                socket.send_fds(self._control or self._started(), message, [theirs.fileno()])
            except OSError:  # it has ended
                socket.send_fds(self._started(), message, [theirs.fileno()])
            self._loaded.add(module)
        return ours

    def load(self, module: str) -> None:
        if module not in self._loaded:
            self.ask(module).close()

    def end(self) -> None:
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.wait()
        self._control = self._process = None
        self._loaded.clear()

    def _started(self) -> socket.socket:
        self.end()
        root = Path(__file__).parents[3]
        path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")]))
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "core.system.bounded.server"],
                stdin=theirs.fileno(), stdout=subprocess.DEVNULL, cwd=root,
                env={**os.environ, **ONE_THREAD, "MALLOC_ARENA_MAX": "1", "PYTHONPATH": path},
                start_new_session=True,  # Ctrl+C is for us; what it forks is of its group
            )  # fmt: skip
        return self._control


_SERVER = _Server()
atexit.register(_SERVER.end)


def prepare(reader: Reader) -> None:
    """Start what `read` needs, if it is not there, and return at once: for when a file is likely to come."""
    _SERVER.load(reader.__module__)


def read(
    reader: Reader, files: Files, *arguments: Any, error: type[GridcastError], wanted: Wanted = lambda: True
) -> Iterator[bytearray]:
    """The parts of a reader's answer about some files.

    Errors of ours that it raises are raised here; where it dies, takes too long or needs too much memory, `error` says so. It
    ends when it is not `wanted` any more: asked before every part, and while nothing comes.
    """
    what = printable(files[0][0]) if len(files) == 1 else "what you have uploaded"

    def check() -> None:
        if not wanted():
            raise error(f"nobody waits for {what} any more; upload it again")

    with _place(check), ExitStack() as turn, _SERVER.ask(reader.__module__) as connection:
        connection.settimeout(SILENT_SECONDS)
        try:
            _send(connection, reader, files, arguments)
            while True:
                check()
                _wait(connection, check)
                fields, content = receive(connection)
                turn.close()
                if "need" in fields:
                    turn.enter_context(_TURNS.turn(int(fields["need"]), check))
                    send(connection, {"go": True})
                elif "part" in fields:
                    yield content
                elif "end" in fields:
                    return
                else:
                    _raise(fields, what, error)
        except (OSError, EOFError, ValueError) as problem:
            event("a file has ended its reader", {"reader": reader.__qualname__, "reason": str(problem)}, logging.WARNING)
            raise error(f"{what} cannot be read: its reader has ended without a word; try again, or save it anew") from problem


def in_place(steps: Iterator[Step]) -> Iterator[bytes]:
    """The parts of a reader's answer, read in this process: what the user of a shell names."""
    return (step for step in steps if isinstance(step, bytes))


@contextmanager
def _place(check: Check) -> Iterator[None]:
    while not _PLACES.acquire(timeout=LOOK_SECONDS):
        check()
    try:
        yield
    finally:
        _PLACES.release()


def _send(connection: socket.socket, reader: Reader, files: Files, arguments: Sequence[Any]) -> None:
    named = f"{reader.__module__}:{reader.__qualname__}"
    send(connection, {"reader": named, "arguments": list(arguments), "files": len(files)})
    for name, content in files:
        send(connection, {"name": name}, content)


def _wait(connection: socket.socket, check: Check) -> None:
    """Until a message comes."""
    end, messages = time.monotonic() + SILENT_SECONDS, select.poll()
    messages.register(connection, select.POLLIN)
    while not messages.poll(LOOK_SECONDS * 1000):
        check()
        if time.monotonic() > end:
            raise EOFError(f"silent for {SILENT_SECONDS:g} s")


def _raise(fields: Fields, what: str, error: type[GridcastError]) -> NoReturn:
    """What became of a reader that has not come to its end."""
    if "error" in fields:
        raise _kind(str(fields["error"]), error)(str(fields["sentence"]))
    if "memory" in fields:
        raise error(f"{what} needs more than {MEMORY >> 20:,} MB of memory to be read; split it or make it smaller")
    if fields.get("signal") in _OUT_OF_TIME:
        raise error(f"{what} takes longer than {SECONDS:g} s to be read; split it or make it smaller")
    event("a file has ended its reader", {name: fields.get(name) for name in ("signal", "defect")}, logging.WARNING)
    raise error(f"{what} cannot be read: it has ended the program that reads it; save it anew, or in another format")


def _kind(name: str, error: type[GridcastError]) -> type[GridcastError]:
    kind = getattr(errors, name, error)
    return kind if isinstance(kind, type) and issubclass(kind, GridcastError) else error
