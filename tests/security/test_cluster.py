"""The embedded cluster takes work from its own front alone and serves no page; what is no scheduler is told in seconds."""

from __future__ import annotations

import socket
import socketserver
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import psutil
import pytest
from distributed import Security

from core.errors import RunFailed
from core.runs import local
from core.runs.cluster.address import Address, client_at

pytestmark = pytest.mark.filterwarnings("ignore")
NAME = "the address of GRIDCAST_SCHEDULER"


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[subprocess.Popen[str], Address]]:
    process, address = local.start(1, "2GiB")
    yield process, address
    local.end(process)


def listening(process: subprocess.Popen[str]) -> set[tuple[str, int]]:
    """Where a cluster and all that it has started wait for connections."""
    one = psutil.Process(process.pid)
    sockets = [socket for child in [one, *one.children(recursive=True)] for socket in child.net_connections("inet")]
    return {tuple(socket.laddr) for socket in sockets if socket.status == psutil.CONN_LISTEN}


def answer_to_http(address: tuple[str, int]) -> bytes:
    with socket.create_connection(address, timeout=5) as connection, suppress(OSError):
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return connection.recv(64)
    return b""


@pytest.mark.slow
def test_only_who_has_its_key_is_let_in(cluster: tuple[subprocess.Popen[str], Address]) -> None:
    _, address = cluster
    with client_at(address, NAME) as client:
        client.wait_for_workers(1, timeout=90)
        assert client.submit(sum, [1, 2]).result(timeout=60) == 3
    stranger = Security.temporary()
    others = Address(address.url, stranger.tls_client_cert, stranger.tls_client_key)
    for intruder in (others, Address(address.url), Address(address.url.replace("tls", "tcp"))):
        with pytest.raises(RunFailed):
            client_at(intruder, NAME, seconds=3)


@pytest.mark.slow
def test_it_listens_on_loopback_alone_and_serves_no_page(cluster: tuple[subprocess.Popen[str], Address]) -> None:
    process, address = cluster
    with client_at(address, NAME) as client:
        client.wait_for_workers(1, timeout=90)
    sockets = listening(process)
    assert len(sockets) >= 3  # scheduler, nanny, worker
    assert {host for host, _ in sockets} == {"127.0.0.1"}
    assert not [one for one in sockets if answer_to_http(one).startswith(b"HTTP")]


def test_the_key_is_in_no_words() -> None:
    address = Address("tls://127.0.0.1:1", "the certificate", "the key")
    assert "the key" not in repr(address)
    assert Address.from_json(address.to_json()) == address


def silent(request: socket.socket) -> None:
    request.recv(1_000_000)
    request.recv(1)  # until the other side gives up


def http(request: socket.socket) -> None:
    request.recv(1_000_000)
    request.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: something else\r\n\r\n")


def zeros(request: socket.socket) -> None:
    request.sendall(bytes(100))


@pytest.mark.parametrize("behaviour", [silent, http, zeros])
def test_what_is_no_scheduler_is_told_in_seconds(behaviour: Callable[[socket.socket], None]) -> None:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                behaviour(self.request)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(RunFailed, match="no Dask scheduler answers at the address of GRIDCAST_SCHEDULER"):
            client_at(Address(f"tcp://127.0.0.1:{server.server_address[1]}"), NAME, seconds=2)
        server.shutdown()


def test_an_address_where_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(RunFailed, match="nobody answers at the address of GRIDCAST_SCHEDULER"):
        client_at(Address(f"tcp://127.0.0.1:{port}"), NAME, seconds=2)
