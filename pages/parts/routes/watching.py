"""/api/health for a load balancer, /api/status as JSON, /api/metrics for Prometheus."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from streamlit import runtime

from core.runs.lab import lab
from core.watching.health import health_of
from core.watching.status import Status, status_of

FRESH = {"cache-control": "no-store"}


def health(_: Request) -> Response:
    """200 while visitors can be served, else 503 with the reason."""
    health = health_of(lab())
    return PlainTextResponse(f"{health.sentence}\n", 200 if health.serves else 503, FRESH)


def status(_: Request) -> Response:
    return JSONResponse(status_here().plain, headers=FRESH)


def metrics(_: Request) -> Response:
    from core.watching.metrics import metrics_of
    from core.watching.tallies import TALLIES

    return Response(metrics_of(status_here(), TALLIES), 200, FRESH, "text/plain; version=0.0.4; charset=utf-8")


def status_here() -> Status:
    """Of this server, with how many pages are open."""
    sessions = getattr(runtime.get_instance(), "_session_mgr", None) if runtime.exists() else None  # there is no public way
    return status_of(lab(), sessions.num_active_sessions() if sessions else None)
