"""compose.yaml: that its parts fit, and its very commands, started as processes of this machine."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.import_graph import ROOT
from tests.object_store import KEYS, ObjectStore
from tests.postgres import Postgres
from tests.runs.cluster.outside import DEPLOY, block, free_port
from tests.runs.survival import until

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
KNOWN = {  # of the compose specification, those that are used here
    "build", "image", "user", "restart", "volumes", "command", "environment", "ports", "depends_on", "deploy", "healthcheck",
}  # fmt: skip


def test_it_has_a_front_a_scheduler_workers_a_database_and_an_object_store() -> None:
    assert SERVICES.keys() == {"front", "scheduler", "worker", "database", "store", "bucket"}
    assert {key for service in SERVICES.values() for key in service} <= KNOWN
    assert all("image" in service and "restart" in service for service in SERVICES.values())


def test_whom_a_service_names_is_there() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= SERVICES.keys()
        for volume in service.get("volumes", ()):
            name = volume.partition(":")[0]
            assert name == "./keys" or name in COMPOSE["volumes"]
        hosts = re.findall(r"(?://|@)([a-z]+):\d+", json.dumps(service))
        assert set(hosts) <= SERVICES.keys()


def test_what_it_is_given_by_the_environment_the_docs_make(tmp_path: Path) -> None:
    needed = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    [line] = [line for line in block("docker compose up").splitlines() if "> .env" in line]
    subprocess.run(["bash", "-ec", line], cwd=tmp_path, check=True)
    made = dict(line.split("=") for line in (tmp_path / ".env").read_text().splitlines())
    assert made.keys() == needed
    assert re.fullmatch("[0-9a-f]{48}", made["PASSWORD"])  # goes into a URL as it is
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0


def test_cluster_and_servers_are_started_by_the_lines_of_the_docs() -> None:
    lines = block("dask scheduler").replace("tcp://", "tls://").replace(".venv/bin/", "")
    for name, host in (("scheduler", "0.0.0.0"), ("worker", "scheduler")):
        assert SERVICES[name]["command"] in lines.replace("10.0.0.5", host).splitlines()
    script = f"{block('REQUIRE_ENCRYPTION')}{lines.splitlines()[0]}\nenv"
    said = subprocess.run(["bash", "-ec", script], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    pairs = [line.partition("=")[::2] for line in said.splitlines() if line.startswith("DASK_")]
    for name in ("scheduler", "worker", "front"):
        assert {key: value for key, value in SERVICES[name]["environment"].items() if key.startswith("DASK_")} == dict(pairs)


def test_the_image_holds_what_a_server_needs_and_nothing_secret() -> None:
    lines = (ROOT / "Dockerfile").read_text()
    assert re.search(r"RUN pip install --no-cache-dir .*-r requirements.txt s3fs", lines)
    assert lines.startswith("#")
    assert "FROM python:3.11-slim" in lines
    assert "USER gridcast" in lines
    assert {".env", "keys", ".git", ".venv"} <= set((ROOT / ".dockerignore").read_text().split())
    assert "compose.yaml" in DEPLOY


def health_check() -> str:
    """What Docker asks a server in its image, with the Python of these tests."""
    [command] = re.findall(r"^HEALTHCHECK .*\\\n +CMD (.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    return command.replace("python ", f"{sys.executable} ", 1)


def test_only_servers_are_asked_as_servers_are() -> None:
    assert {name for name in OURS if "healthcheck" not in SERVICES[name]} == {"front"}
    silent = subprocess.run(["bash", "-c", health_check().replace("8501", str(free_port()))], capture_output=True, check=False)
    assert silent.returncode != 0


class Composed:
    """The services of our image as processes of this machine."""

    def __init__(self, folder: Path, database: str, s3: ObjectStore) -> None:
        self.folder, self.database, self.s3 = folder, database, s3
        self.port, self.scheduler = free_port(), free_port()
        subprocess.run(["bash", "-ec", block("openssl req")], cwd=folder, capture_output=True, check=True)
        self.processes: list[subprocess.Popen[bytes]] = []

    def _here(self, text: str) -> str:
        return text.replace("//scheduler:", "//127.0.0.1:").replace("8786", str(self.scheduler)).replace("0.0.0.0", "127.0.0.1")

    def start(self, service: str, *more: str) -> subprocess.Popen[bytes]:
        env = {name: self._here(value) for name, value in SERVICES[service]["environment"].items()}
        env = {name: value.replace("keys/", f"{self.folder}/keys/") for name, value in env.items()}
        env |= {name: value for name, value in (KEYS | {"AWS_ENDPOINT_URL": self.s3.url}).items() if name in env}
        env |= {"GRIDCAST_DATABASE": self.database} if "GRIDCAST_DATABASE" in env else {}
        command = shlex.split(self._here(SERVICES[service]["command"]))
        home = {"GRIDCAST_HOME": str(self.folder / service), "GRIDCAST_WARM": "false"}
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command[1:], *more], cwd=ROOT, env={**os.environ, **home, **env}, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def health(self) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/status", timeout=5) as answer:
                return answer.read().decode()
        except OSError as error:
            return str(error)


@pytest.fixture
def composed(tmp_path: Path, postgres: Postgres) -> Iterator[Composed]:
    store = ObjectStore()
    services = Composed(tmp_path, postgres.database(), store)
    yield services
    for process in reversed(services.processes):  # the front first
        process.kill()
        process.wait()
    store.stop()


@pytest.mark.slow
def test_its_commands_start_a_server_with_cluster_database_and_object_store(composed: Composed) -> None:
    assert composed.start("bucket").wait(60) == 0
    for service in ("scheduler", "worker"):
        composed.start(service)
    composed.start("front", "--server.port", str(composed.port), "--server.headless", "true")

    def status() -> dict[str, Any]:
        text = composed.health()
        return json.loads(text) if text.startswith("{") else {}

    until(lambda: status().get("engine") == "lives" and status()["workers"], composed.health)
    assert subprocess.run(["bash", "-c", health_check().replace("8501", str(composed.port))], check=False).returncode == 0
    now = status()
    assert (now["database"], now["database_problem"], now["store_problem"]) == ("PostgreSQL", "", "")
    until(lambda: status()["store_files"] > 10, composed.health)  # the shipped runs lie in the object store
    assert not list(composed.folder.glob("front/store/??/*"))
