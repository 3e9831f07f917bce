"""Middleware that writes the server's base address into the HTML page, so that the browser need not guess it.

Left alone, Streamlit's browser side tries a deep link such as /warp as if the server lived below it, and logs two 404s for
every visitor who follows one.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = b"<head>"


class BaseAddress:
    """ASGI middleware: adds the server's base address to HTML pages."""

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        path = f"/{base_path.strip('/')}".rstrip("/")
        script = f"<script>window.__streamlit = {{ BACKEND_BASE_URL: location.origin + '{path}/' }}</script>"
        self._app, self._script = app, script.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "/_stcore/" in scope["path"] or "/static/" in scope["path"]:
            await self._app(scope, receive, send)
            return
        # a page must come whole and readable: never compressed, never "not modified"
        dropped = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
        plain = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in dropped]} if _page(scope) else scope
        await self._app(plain, receive, _Rewriter(send, self._script))


def _page(scope: Scope) -> bool:
    return b"text/html" in dict(scope["headers"]).get(b"accept", b"")


class _Rewriter:
    """Passes a response on; an HTML one is held back until it is whole, then sent with the script in its head."""

    def __init__(self, send: Send, script: bytes) -> None:
        self._send, self._script = send, script
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        body = self._body.replace(_HEAD, _HEAD + self._script, 1)
        headers = [pair for pair in start["headers"] if pair[0].lower() not in (b"content-length", b"etag")]
        await self._send({**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})


def _is_html(start: Message) -> bool:
    headers = {name.lower(): value for name, value in start["headers"]}
    return headers.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in headers
