"""The server's own addresses, one row each. What answers is imported when it is asked first: the start waits for none of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.errors import GridcastError

Answer = Callable[[Request], Any]


@dataclass(frozen=True)
class Row:
    """One address below the server's own, and "module:function" of what answers it.

    The function takes the request and gives a response. A plain one runs in a thread and may wait for a database; an `async`
    one runs in the server's event loop and may not. A GridcastError becomes 503 with its sentence.
    """

    path: str
    answer: str
    runs_in_loop: bool = False  # `answer` is `async`


ROWS = (
    Row("/api/health", "pages.parts.routes.watching:health"),
    Row("/api/status", "pages.parts.routes.watching:status"),
    Row("/api/metrics", "pages.parts.routes.watching:metrics"),
    Row("/api/live", "pages.parts.routes.live:live", runs_in_loop=True),
    Row("/api/plotly.js", "pages.parts.routes.live:plotly"),
)


def routes(base_path: str = "") -> list[Route]:
    """All rows as routes below `base_path`, which is Streamlit's option server.baseUrlPath."""
    base = f"/{base_path.strip('/')}".rstrip("/")
    return [Route(f"{base}{row.path}", _endpoint(row), methods=["GET"]) for row in ROWS]


def _endpoint(row: Row) -> Answer:
    async def endpoint(request: Request) -> Response:
        answer: Answer = await run_in_threadpool(resolve_name, row.answer)
        try:
            response: Response = await (answer(request) if row.runs_in_loop else run_in_threadpool(answer, request))
        except GridcastError as error:
            return PlainTextResponse(f"{error}\n", 503, {"cache-control": "no-store"})
        return response

    return endpoint
