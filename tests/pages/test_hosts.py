"""Who a server answers: those who call it by its own name, and pages of its own."""

from __future__ import annotations

import asyncio

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message

from pages.parts.routes.hosts import Hosts, Names, said_at_the_start
from tests.pages.asgi import ask

INSIDE = PlainTextResponse("let in")
NO_NAMES = Names()
NAMES = Names(("lab.example.org", "*.school.example"), ("https://portal.example",))


def status(method: str = "GET", names: Names = NO_NAMES, **headers: str) -> int:
    return ask(Hosts(INSIDE, names), "/", method, headers).status


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "10.1.2.3", "LOCALHOST."])
def test_addresses_in_numbers_and_localhost_are_its_own(host: str) -> None:
    assert status(host=host) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.evil.example", "", "user@localhost", "a/b",
     "[::1", "localhost:port", "127.0.0.1 evil.example", "lab.example.org.evil.example"],
)  # fmt: skip
def test_every_other_name_may_point_here_without_being_ours(host: str) -> None:
    assert status(host=host) == 403
    assert status(names=NAMES, host=host) == 403


def test_a_request_without_a_name_is_refused() -> None:
    assert status() == 403


@pytest.mark.parametrize("host", ["lab.example.org", "Lab.Example.org:443", "room-1.school.example", "localhost"])
def test_names_that_are_listed_are_its_own(host: str) -> None:
    assert status(names=NAMES, host=host) == 200
    assert status(names=Names(("*",)), host=host) == 200


@pytest.mark.parametrize(
    ("origin", "expected"),
    [("http://localhost:8501", 200), ("https://portal.example", 200), ("http://localhost:9999", 403), ("null", 403),
     ("https://evil.example", 403), ("https://portal.example.evil.example", 403)],
)  # fmt: skip
def test_what_changes_something_is_asked_by_pages_of_its_own_or_listed_ones(origin: str, expected: int) -> None:
    assert status("PUT", NAMES, host="localhost:8501", origin=origin) == expected
    assert status("GET", NAMES, host="localhost:8501", origin=origin) == 200  # whose answer no browser gives to that page
    assert handshake(Hosts(INSIDE, NAMES), b"localhost:8501", origin.encode()) is (expected == 200)


def handshake(app: Hosts, host: bytes, origin: bytes) -> bool:
    """Whether a websocket comes to the application behind; it is closed before it is accepted else."""
    sent: list[Message] = []
    inside: list[str] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def behind(scope: object, *_: object) -> None:
        inside.append("reached")

    app._app = behind
    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [(b"host", host), (b"origin", origin)]}
    asyncio.run(app(scope, receive, send))
    assert bool(inside) != bool(sent)
    assert not sent or sent[0]["type"] == "websocket.close"
    return bool(inside)


def test_a_websocket_under_a_name_that_was_made_to_point_here_is_closed() -> None:
    assert not handshake(Hosts(INSIDE, NAMES), b"evil.example:8501", b"http://evil.example:8501")


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", "Only this machine"), ("localhost", "Only this machine"), ("0.0.0.0", "every address of this machine"),
     (None, "every address of this machine"), ("10.1.2.3", "listens on 10.1.2.3: everybody")],
)  # fmt: skip
def test_the_terminal_says_who_reaches_it(address: str | None, expected: str) -> None:
    said = said_at_the_start("http://localhost:8501", address, ["lab.example.org"], "http://192.0.2.7:8501")
    assert said.startswith("Gridcast: http://localhost:8501\n")
    assert expected in said
    assert ("Others open http://192.0.2.7:8501." in said) == ("every address" in expected)
