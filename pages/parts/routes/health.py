"""/api/health, for a load balancer: 200 while visitors can be served, else 503 with the reason."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.runs.lab import lab
from core.watching.health import health_of


def health(_: Request) -> Response:
    health = health_of(lab())
    return PlainTextResponse(f"{health.sentence}\n", 200 if health.serves else 503, {"cache-control": "no-store"})
