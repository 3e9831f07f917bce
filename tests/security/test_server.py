"""A real server, started as people start it: whom it answers, what its terminal says, what it does with a wrong setting."""

from __future__ import annotations

import http.client
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from pages.parts.routes.message_limit import MOST_BYTES, TOO_BIG
from tests.e2e.server import ROOT, Server

pytestmark = pytest.mark.slow
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("lab") / "home", {"GRIDCAST_WARM": "false"})
    running.start()
    yield running
    running.stop()


def status(server: Server, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_listens_on_loopback_alone_and_says_so(server: Server) -> None:
    assert server.process
    sockets = psutil.Process(server.process.pid).net_connections("inet")
    assert {one.laddr[:2] for one in sockets if one.status == psutil.CONN_LISTEN} == {("127.0.0.1", server.port)}
    log = server.log.read_text()
    assert f"Gridcast: {server.url}\n  Only this machine reaches it" in log
    assert "Streamlit" not in log


@pytest.mark.parametrize("path", ["/", "/api/status", "/_stcore/health", "/_stcore/stream"])
def test_a_name_that_was_made_to_point_here_gets_no_answer(server: Server, path: str) -> None:
    ours, evil = f"localhost:{server.port}", f"evil.example:{server.port}"
    more = UPGRADE if path.endswith("stream") else {}
    assert status(server, path, {"Host": ours, "Origin": f"http://{ours}"} | more) == (101 if more else 200)
    assert status(server, path, {"Host": evil, "Origin": f"http://{evil}"} | more) == 403
    if more:  # a page of another server on this machine
        assert status(server, path, {"Host": ours, "Origin": "http://localhost:9"} | more) == 403


def test_a_message_that_no_screens_controls_fill_ends_its_connection(server: Server) -> None:
    asking = BackMsg()
    asking.rerun_script.widget_states.widgets.add(id="x").string_value = "9" * MOST_BYTES
    address = f"{server.url.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(address, origin=Origin(server.url), subprotocols=[Subprotocol("streamlit")]) as socket:
        socket.send(asking.SerializeToString())
        with pytest.raises(ConnectionClosed) as closed:
            list(socket)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == TOO_BIG
    assert "error" not in server.log.read_text()


def test_no_other_account_looks_into_its_folder(server: Server) -> None:
    assert stat.S_IMODE(server.home.stat().st_mode) == 0o700


@pytest.mark.parametrize(("name", "value"), [("STORE_GB", "inf"), ("DATABASE", "mysql://ann:geheim@host/lab")])
def test_a_wrong_setting_is_one_line_and_no_server(tmp_path: Path, name: str, value: str) -> None:
    starting = Server(tmp_path / "home", {f"GRIDCAST_{name}": value})
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port",
        str(starting.port),
        "--server.headless",
        "true",
    ]
    ended = subprocess.run(command, cwd=ROOT, env=starting.env, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: GRIDCAST_{name} is ")
    assert ended.stderr.count("\n") == 1
    assert "geheim" not in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr + ended.stdout
