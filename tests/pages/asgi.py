"""One HTTP request to an ASGI application, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[bytes, bytes]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(
    app: ASGIApp, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: Iterable[bytes] = ()
) -> Answer:
    """What an application answers; the body is sent piece by piece."""
    with ThreadPoolExecutor() as pool:  # of its own: a browser test may have left an event loop running in this thread
        return pool.submit(lambda: asyncio.run(asking(app, path, method, headers, body))).result()


async def asking(
    app: ASGIApp, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: Iterable[bytes] = ()
) -> Answer:
    """The same inside an event loop."""
    sent: list[Message] = []
    pieces = iter([*body, b""])

    async def receive() -> Message:
        piece = next(pieces, b"")
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    async def send(message: Message) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "",
        "http_version": "1.1", "scheme": "http", "server": ("localhost", 80), "client": ("localhost", 1),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }  # fmt: skip
    await app(scope, receive, send)
    answered = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], dict(sent[0]["headers"]), answered)
