"""The server that forks a process for everything that is read: `python -m core.system.bounded.server`, started by `reading`.

Its standard input is a socket. A message on it is the name of a module and the socket of one reading; the module is imported
here, and what its `load` loads, if it has one, so that no process has to. It ends, with all that it has forked, when its
input closes: it never outlives who started it.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import socket
import traceback
from contextlib import suppress
from importlib import import_module
from pkgutil import resolve_name

from core.errors import GridcastError
from core.system.bounded.wire import MODULE_BYTES, receive, send
from core.system.unreadable import UNREADABLE

MEMORY = 1 << 30  # bytes that a reading may have beyond what all have from the start
SPARE = 32 << 20  # bytes more, to say that this was not enough
SECONDS = 20.0  # of the processor, for one step of a reading
OPEN_FILES = 64


class Server:
    """Forks a process for each reading, ends it when nobody waits for it any more, and says how it ended if by a signal."""

    def __init__(self, control: socket.socket) -> None:
        self._control, self._readings = control, dict[int, tuple[int, socket.socket]]()  # by handle: process, connection
        self._ended, wake = socket.socketpair()  # something is received when a process has ended
        wake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.detach())
        self._events = select.poll()
        for one in (self._control, self._ended):
            self._events.register(one, select.POLLIN)

    def serve(self) -> None:
        while True:
            for handle, _ in self._events.poll():
                if handle == self._control.fileno():
                    self._begin()
                elif handle == self._ended.fileno():
                    self._ended.recv(4_096)
                    self._end()
                elif handle in self._readings:
                    self._events.unregister(handle)
                    os.kill(self._readings[handle][0], signal.SIGKILL)

    def _begin(self) -> None:
        name, handles, _, _ = socket.recv_fds(self._control, MODULE_BYTES, 1, socket.MSG_WAITALL)
        if len(name) < MODULE_BYTES:
            os.killpg(0, signal.SIGKILL)  # this process, and all readings
        with suppress(ImportError):  # the process that is forked says so
            getattr(import_module(name.decode().strip()), "load", lambda: None)()
        gc.freeze()  # what is here is not looked at, and so not copied, by what is forked
        connection = socket.socket(fileno=handles[0])
        if (process := os.fork()) == 0:
            try:
                self._leave()
                _read(connection)
            finally:
                os._exit(0)
        self._readings[connection.fileno()] = process, connection
        self._events.register(connection, 0)  # that it is closed is always said

    def _leave(self) -> None:
        """In the forked process: hold nothing of the others."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for other in (self._control, self._ended, *(connection for _, connection in self._readings.values())):
            other.close()

    def _end(self) -> None:
        for handle, (process, connection) in list(self._readings.items()):
            ended, status = os.waitpid(process, os.WNOHANG)
            if not ended:
                continue
            with connection, suppress(OSError):
                if os.WIFSIGNALED(status):
                    connection.setblocking(False)
                    send(connection, {"signal": os.WTERMSIG(status)})
            del self._readings[handle]
            with suppress(KeyError):  # nobody waited for it
                self._events.unregister(handle)


# -- the process that is forked ------------------------------------------------------------------------


def _read(connection: socket.socket) -> None:
    """Answer one reading: what its reader yields, then how it ended."""
    _bound()
    with suppress(OSError, EOFError):
        try:
            _answer(connection)
            send(connection, {"end": True})
        except GridcastError as error:
            send(connection, {"error": type(error).__name__, "sentence": str(error)})
        except MemoryError:
            resource.setrlimit(resource.RLIMIT_AS, (resource.getrlimit(resource.RLIMIT_AS)[1],) * 2)
            send(connection, {"memory": True})
        except UNREADABLE:
            send(connection, {"defect": traceback.format_exc()[-20_000:]})


def _answer(connection: socket.socket) -> None:
    asked, _ = receive(connection)
    files = [(fields["name"], bytes(content)) for fields, content in (receive(connection) for _ in range(asked["files"]))]
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    for step in resolve_name(asked["reader"])(files, *asked["arguments"]):
        if isinstance(step, bytes):
            send(connection, {"part": True}, step)
        else:
            send(connection, {"need": int(step)})
            receive(connection)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # whose signal ends a process, whatever it is at


def _bound() -> None:
    """From here on: so much memory, no file written, no word on the terminal, the processor for a while."""
    most = _memory_now() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most + SPARE))
    resource.setrlimit(resource.RLIMIT_CPU, (180, 180))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    for none in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(none, (0, 0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)


def _memory_now() -> int:
    """Bytes of addresses that this process has; a guess where the system does not say."""
    with suppress(OSError), open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()
    return 1 << 30


if __name__ == "__main__":
    Server(socket.socket(fileno=0)).serve()
