"""Fetching MNIST, against a real HTTP server on this machine that serves small files well or badly."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.errors import ImageError
from core.runs.store import digest_of
from core.stn.datasets import mnist
from core.stn.datasets.digits import FILES
from core.stn.datasets.digits import mnist as parse
from core.stn.datasets.mnist import fetch, read
from tests.stn.datasets.test_digits import files

CONTENT = dict(zip(FILES, files(), strict=True))


class Server(ThreadingHTTPServer):
    """Serves the four files below /mnist/; `fault` spoils every answer."""

    fault = ""
    asked: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/mnist/"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name = self.path.removeprefix("/mnist/").removesuffix(".gz")
        self.server.asked.append(name)
        content = (
            gzip.compress(CONTENT.get(name, b""), mtime=0) if self.server.fault != "html" else b"<html>sign in first</html>"
        )
        self.send_response(503 if self.server.fault == "busy" else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if self.server.fault == "cut" else content)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.asked = []
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _small_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist, "DIGESTS", {name: digest_of(content) for name, content in CONTENT.items()})
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)


def test_files_are_fetched_once_and_kept(server: Server, tmp_path: Path) -> None:
    announced: list[str] = []
    first = fetch(tmp_path, server.url, announced.append)
    assert announced == server.asked == list(FILES)
    assert len(parse(first).train) == 3
    assert fetch(tmp_path, server.url) == first
    assert len(server.asked) == 4


def test_a_kept_file_that_was_damaged_is_fetched_again(server: Server, tmp_path: Path) -> None:
    first = fetch(tmp_path, server.url)
    (tmp_path / f"{FILES[1]}.gz").write_bytes(b"damaged")
    assert fetch(tmp_path, server.url) == first
    assert server.asked[4:] == [FILES[1]]


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("html", "26 bytes that are not MNIST's train-images"),
        ("cut", "bytes that are not MNIST's train-images"),
        ("busy", "answered 503 Service Unavailable"),
    ],
)
def test_a_bad_answer_is_told_and_leaves_nothing(server: Server, tmp_path: Path, fault: str, cause: str) -> None:
    server.fault = fault
    with pytest.raises(ImageError, match=cause):
        fetch(tmp_path, server.url)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/mnist/", "no address"])
def test_without_a_connection_the_folder_is_offered(tmp_path: Path, url: str) -> None:
    with pytest.raises(ImageError, match=r"cannot be reached .*; check the connection or give a folder"):
        fetch(tmp_path, url)


def test_a_folder_holds_the_files_gzipped_or_not(tmp_path: Path) -> None:
    for number, (name, content) in enumerate(CONTENT.items()):
        path = tmp_path / (f"{name}.gz" if number % 2 else name)
        path.write_bytes(gzip.compress(content, mtime=0) if number % 2 else content)
    assert [gzip.decompress(content) for content in read(tmp_path)] == list(CONTENT.values())


def test_a_folder_without_a_file_says_which(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"has no file train-images-idx3-ubyte\.gz"):
        read(tmp_path)
