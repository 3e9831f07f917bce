"""/api/live, the event stream of a run that is alive, and /api/plotly.js, with which browsers draw its figures.

`/api/live?run=…&mode=dark&projector=1` is an event stream; with `&once=1` it is the whole of now as JSON, for browsers behind a
proxy that holds streams back. 404 for a run that is not here, 503 when too many listen.
"""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Send

from core.runs.live.broadcast import MOST_LISTENERS, Broadcasts
from pages.parts.live.drawing import draw
from pages.parts.live.viewer import look_in

FOR_EVER = "public, max-age=31536000, immutable"  # the address names the version
STREAM = {"cache-control": "no-store", "x-accel-buffering": "no"}  # a proxy is to pass on what comes at once


@cache
def broadcasts() -> Broadcasts:
    """Those of this server."""
    return Broadcasts(draw)


class _EventStream(StreamingResponse):
    """Leaves its broadcast as soon as its browser has gone."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        finally:
            assert isinstance(self.body_iterator, AsyncGenerator)
            await self.body_iterator.aclose()


async def live(request: Request) -> Response:
    query = dict(request.query_params)
    run_id, look = query.get("run"), look_in(query)
    if run_id is None:
        return PlainTextResponse("say which run: ?run=…\n", 400, STREAM)
    frame = await broadcasts().once(run_id, look)
    if frame is None:
        return PlainTextResponse("there is no such run here\n", 404, STREAM)
    if query.get("once"):
        return Response(frame.whole, 200, STREAM, "application/json")
    if broadcasts().listeners >= MOST_LISTENERS:
        return PlainTextResponse("too many listen already\n", 503, STREAM | {"retry-after": "5"})
    return _EventStream(broadcasts().listen(run_id, look), 200, STREAM, "text/event-stream")


@cache
def _plotly() -> bytes:
    return gzip.compress((files("plotly") / "package_data" / "plotly.min.js").read_bytes(), 6, mtime=0)


def plotly(request: Request) -> Response:
    """Plotly's own file out of the installed package: a component has no other way to it, and no other host is asked."""
    headers = {"cache-control": FOR_EVER, "vary": "accept-encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(_plotly()), 200, headers, "text/javascript")
    return Response(_plotly(), 200, headers | {"content-encoding": "gzip"}, "text/javascript")
