"""A PostgreSQL server for the tests: of this machine's programs, with a folder, a port and a user of its own.

`python tests/postgres.py` makes sure that there is one, as root with the distribution's package. Where there is none, tests
that need it are skipped with one line; with CI=true they fail.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

MISSING = "PostgreSQL is missing: install the package postgresql, and psycopg[binary] with pip"
USER, PASSWORD = "ann", "ge:h/e@im"  # everything that must be written with % codes in a URL
INSTALL_SECONDS = 300
START_SECONDS = 30
# It ends with the standard input of the shell that started it, however the tests end.
START = 'postgres -D "$0" "$@" & server=$!; read -r _; kill -QUIT $server 2>/dev/null; wait $server'
SETTINGS = (  # the machine itself does not fail
    "fsync = off", "full_page_writes = off", "autovacuum = off", "shared_buffers = 16MB",
    "wal_level = minimal", "max_wal_senders = 0", "timezone = 'UTC'", "log_timezone = 'UTC'",
    "listen_addresses = '127.0.0.1'",
)  # fmt: skip


def programs() -> Path | None:
    """Where initdb and postgres are."""
    folders = [
        *map(Path, os.environ["PATH"].split(os.pathsep)),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
    ]
    return next((folder for folder in folders if all((folder / name).exists() for name in ("initdb", "postgres"))), None)


def missing() -> str:
    """Why there can be no server, a sentence; "" where there can be one."""
    return "" if programs() and find_spec("psycopg") else MISSING


def install() -> None:
    """The distribution's package, as root."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "postgresql"]):
        try:
            env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", *command], timeout=INSTALL_SECONDS, check=False, env=env, stdout=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            print(f"gave up after {INSTALL_SECONDS} s", flush=True)


class Postgres:
    """A server that can be stopped and started again, as often as a test likes."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.port = folder / "data", _free_port()
        # Of root it wants nothing to do.
        self._as = {"user": "postgres", "group": "postgres", "extra_groups": ()} if os.geteuid() == 0 else {}
        self._env = {"PATH": f"{programs}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        self._process: subprocess.Popen[bytes] | None = None
        if self._as:
            shutil.chown(folder, "postgres", "postgres")
        word = folder / "password"
        word.write_text(PASSWORD)
        options = ["-U", "postgres", "-A", "password", f"--pwfile={word}", "--no-sync", "-E", "UTF8", "--locale=C"]
        command = ["initdb", "-D", str(self.folder), *options]
        subprocess.run(command, check=True, capture_output=True, env=self._env, cwd=folder, **self._as)
        own = [f"port = {self.port}", f"unix_socket_directories = '{folder}'"]
        with (self.folder / "postgresql.conf").open("a") as file:
            file.write("\n".join([*SETTINGS, *own, ""]))
        self.start()
        self.ask(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")  # as ordinary as a lab's should be

    def url(self, user: str = USER, password: str = PASSWORD, options: str = "") -> str:
        """As GRIDCAST_DATABASE takes it."""
        return f"postgresql://{quote(user)}:{quote(password, safe='')}@127.0.0.1:{self.port}/postgres{options}"

    def database(self) -> str:
        """The URL of a new, empty database: a schema, which takes a tenth of the time."""
        name = f"lab{time.monotonic_ns()}"
        self.ask(f"CREATE SCHEMA {name} AUTHORIZATION {USER}")
        return self.url(options=f"?options=-csearch_path%3D{name}")

    def start(self, *options: str) -> None:
        """Start it, with options such as "-N10" for ten connections, and wait until it answers."""
        log = (self.folder.parent / "log").open("ab")
        self._process = subprocess.Popen(
            ["sh", "-c", START, str(self.folder), *options], stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self.folder,
            env=self._env, start_new_session=True, **self._as,
        )  # fmt: skip
        log.close()
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < end, (self.folder.parent / "log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """At once, as `pg_ctl stop -m immediate` does: nobody is told, nothing is written down."""
        if self._process is not None:
            with self._process:
                self._process.stdin.close()  # type: ignore[union-attr]
            self._process = None

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """What a query gives whoever owns the server."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def _answers(self) -> bool:
        import psycopg

        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server() -> Iterator[Postgres]:
    """A server with an empty folder below the system's for temporary files, which its user reaches."""
    where = programs()
    assert where, MISSING
    with tempfile.TemporaryDirectory(prefix="gridcast-postgres-", ignore_cleanup_errors=True) as folder:
        running = Postgres(Path(folder), where)
        try:
            yield running
        finally:
            running.stop()


def main() -> int:
    if programs() is None:
        install()
    print("PostgreSQL:", missing() or programs())
    return 1 if missing() and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
