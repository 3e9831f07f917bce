"""Middleware that gives every browser a secret of its own in a cookie, and `/me/TOKEN`, which takes one to another device.

No script reads the cookie (HttpOnly), and no other site sends it along (SameSite=Lax). A browser that is somebody already is
asked before it becomes somebody else: a link must not turn its visitor into another.
"""

from __future__ import annotations

import html
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import GridcastError
from core.runs.visitors.visitor import id_of, is_token, new_token

COOKIE = "gridcast_visitor"
YEAR = 365 * 24 * 3600
MOVE = "/me/"
_SECRET = {"cache-control": "private, no-store", "referrer-policy": "same-origin"}


class Cookie:
    """ASGI middleware: no page is answered to a browser that has no secret, without giving it one."""

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        self._app = app
        self._base = f"/{base_path.strip('/')}".rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, path = _headers(scope), scope["path"]
        if path.startswith(f"{self._base}{MOVE}"):
            answer = await run_in_threadpool(self._move, path.removeprefix(f"{self._base}{MOVE}"), scope)
            await answer(scope, receive, send)
        elif "text/html" not in headers.get("accept", "") or "/_stcore/" in path or token_in(headers.get("cookie", "")):
            await self._app(scope, receive, send)
        else:
            cookie = self._cookie(new_token(), headers, scope)
            await self._app(scope, receive, lambda message: send(_with_cookie(message, cookie)))

    def _move(self, token: str, scope: Scope) -> Response:
        """The answer to `/me/TOKEN`: the cookie, and on to the first screen; or the question whether that is meant."""
        headers = _headers(scope)
        now = token_in(headers.get("cookie", ""))
        if not is_token(token):
            return PlainTextResponse("This is not the link of a visitor.\n", 404)
        if scope["method"] == "POST" and not _same_site(headers):
            return PlainTextResponse("This was asked by another site.\n", 403)
        if scope["method"] == "POST" or now in ("", token):
            answer: Response = RedirectResponse(f"{self._base}/", 303, _SECRET)
            answer.raw_headers.append((b"set-cookie", self._cookie(token, headers, scope)))
            return answer
        try:
            name = _name_of(token)
        except GridcastError as error:
            return PlainTextResponse(f"{error}\n", 503, _SECRET)
        return HTMLResponse(_QUESTION.format(name=html.escape(name)), 200, _SECRET)

    def _cookie(self, token: str, headers: dict[str, str], scope: Scope) -> bytes:
        secure = "https" in (scope.get("scheme"), headers.get("x-forwarded-proto", "").split(",")[0].strip())
        parts = [f"{COOKIE}={token}", f"Path={self._base or '/'}", f"Max-Age={YEAR}", "HttpOnly", "SameSite=Lax"]
        return "; ".join([*parts, "Secure"] if secure else parts).encode()


def token_in(cookies: str) -> str:
    """The token in a request's cookies; "" where there is none, or what is there is no token."""
    try:
        morsel = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel and is_token(morsel.value) else ""


def _name_of(token: str) -> str:
    from core.runs.lab import lab  # at the first question: the server's start does not wait for it

    return lab().registry.people.get(id_of(token)).name


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _same_site(headers: dict[str, str]) -> bool:
    """Whether a request was made by a page of this server; browsers say so themselves, older ones by the origin alone."""
    said = headers.get("sec-fetch-site")
    return said == "same-origin" if said else urlsplit(headers.get("origin", "")).netloc == headers.get("host", "?")


def _with_cookie(message: Message, cookie: bytes) -> Message:
    """The start of an HTML answer with the cookie; a proxy must not keep it, or all would be one visitor."""
    if message["type"] != "http.response.start":
        return message
    headers = [(name, value) for name, value in message["headers"] if name.lower() != b"cache-control"]
    if not any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers):
        return message
    return {**message, "headers": [*headers, (b"cache-control", b"private, no-store"), (b"set-cookie", cookie)]}


_QUESTION = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Gridcast</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head>
<body style="font: 1.1rem/1.5 sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem">
<h1>Become {name} on this device?</h1>
<p>This browser is another visitor already, whose runs it cannot delete any more afterwards. To keep that way back, first copy
the link of that visitor from the menu beside the title of any screen.</p>
<form method="post"><button style="font: inherit; padding: .4rem 1rem">Yes, become {name}</button></form></body></html>"""
