from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.types import Message, Scope

from pages.parts.routes.base_address import BaseAddress


def answer(path: str, base: str = "") -> tuple[dict[bytes, bytes], bytes]:
    """The headers and the body of one GET through the middleware."""

    async def page(_) -> HTMLResponse:
        return HTMLResponse("<html><head><title>é</title></head></html>")

    async def data(_) -> JSONResponse:
        return JSONResponse({"text": "<head>"})

    app = BaseAddress(Starlette(routes=[Route("/warp", page), Route("/_stcore/health", data), Route("/data", data)]), base)
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http", "method": "GET", "path": path, "headers": [(b"accept", b"text/html"), (b"accept-encoding", b"gzip")],
        "query_string": b"", "root_path": "", "http_version": "1.1",
    }  # fmt: skip
    with ThreadPoolExecutor() as pool:  # of its own: a browser test may have left an event loop running in this thread
        pool.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    return dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize(("base", "address"), [("", "location.origin + '/'"), ("lab/", "location.origin + '/lab/'")])
def test_a_page_holds_the_address_of_the_server(base: str, address: str) -> None:
    headers, body = answer("/warp", base)
    assert address.encode() in body
    assert body.index(b"<head><script>") < body.index(b"<title>")
    assert int(headers[b"content-length"]) == len(body)


@pytest.mark.parametrize("path", ["/data", "/_stcore/health"])
def test_other_answers_pass_unchanged(path: str) -> None:
    assert answer(path)[1] == b'{"text":"<head>"}'
