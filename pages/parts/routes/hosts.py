"""Middleware that answers nobody who calls this server by a name that is not its own, and no page of another site.

A page of a stranger may let its own name point to this machine (DNS rebinding): the browser then takes the lab for that page's
own server. The name gives it away, which the browser sends as `Host`. Addresses in numbers and localhost cannot be made to
point elsewhere; every other name must stand in Streamlit's `server.allowedHosts`. What changes something, and the websocket,
is refused to pages of another origin, unless it stands in `server.corsAllowedOrigins`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")
NOT_CALLED_SO = "This server does not go by that name. Whoever runs it can add it to server.allowedHosts (docs/DEPLOY.md).\n"
ANOTHER_SITE = "This was asked by a page of another site. Whoever runs this server can allow it in server.corsAllowedOrigins.\n"
READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Names:
    """What a server goes by, besides its addresses in numbers, and the origins whose pages may use it."""

    hosts: Sequence[str] = ()  # "lab.example.org", "*.example.org", "*" for all
    origins: Sequence[str] = ()  # "https://example.org"

    def is_ours(self, host: str) -> bool:
        """Whether a `Host` header names this server."""
        name = _name_in(host)
        return name is not None and (_cannot_be_moved(name) or any(_fits(name, one) for one in self.hosts))

    def may_use(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may change something; no origin: no browser, or none that a page has asked."""
        return not origin or urlsplit(origin).netloc == host or origin.rstrip("/") in {one.rstrip("/") for one in self.origins}


class Hosts:
    """ASGI middleware; to stand before all others."""

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403
        else:
            await PlainTextResponse(refusal, 403)(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "")
        if not self._names.is_ours(host):
            return NOT_CALLED_SO
        changes = scope["type"] == "websocket" or scope["method"] not in READING
        return ANOTHER_SITE if changes and not self._names.may_use(headers.get(b"origin", ""), host) else None


OTHER_PROGRAM = (
    "Gridcast is served by another program than serve.py: that decides where it listens and who reaches it (docs/DEPLOY.md)."
)


def said_at_the_start(url: str, address: str | None, hosts: Sequence[str], from_elsewhere: str = "") -> str:
    """For the terminal: where the lab is, who can reach a server that listens at this address, and where others find it."""
    return f"Gridcast: {url}\n  {_reached(address, hosts, from_elsewhere)}"


def _reached(address: str | None, hosts: Sequence[str], from_elsewhere: str) -> str:
    if address in LOOPBACK:
        return "Only this machine reaches it; `make run ADDRESS=0.0.0.0` lets others of this network in (docs/DEPLOY.md)."
    everywhere = address in (None, "", "0.0.0.0", "::")
    where = "every address of this machine" if everywhere else address
    others = (
        f" Others open {from_elsewhere}." if everywhere and urlsplit(from_elsewhere).hostname not in (None, *LOOPBACK) else ""
    )
    named = f" It goes by {', '.join(hosts)}." if hosts else ""
    return f"It listens on {where}: everybody who reaches that may use the lab.{others}{named}"


def _name_in(host: str) -> str | None:
    """The name in a `Host` header, without its port; None where it is not one."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    plain = not (parts.username or parts.password or parts.path or parts.query or parts.fragment)
    return parts.hostname.rstrip(".").lower() if parts.hostname and plain else None


def _cannot_be_moved(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _fits(name: str, pattern: str) -> bool:
    pattern = pattern.strip().rstrip(".").lower()
    return pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:]))
