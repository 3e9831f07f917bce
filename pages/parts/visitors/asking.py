"""To ask for a run in the name of the visitor whose screen it is: the one way from the screens to the engine."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import InvalidRequest
from core.runs.registry import Run
from core.runs.request import Request
from core.settings import settings
from pages.parts.visitors.engine import engine
from pages.parts.visitors.me import my_id, person


def ask(request: Request) -> Run:
    """Queue a request for this visitor, or find the run that is equal; InvalidRequest where they must sign in first."""
    if settings().sign_in == "required" and person() is None:
        raise InvalidRequest(
            "sign in first, in the menu beside the title: on this server only those who have signed in start runs"
        )
    return engine().submit(request, my_id())


def check_limit(requests: Sequence[Request]) -> None:
    """InvalidRequest where these are more runs at once than a visitor may have."""
    if len(requests) > 1:
        engine().check_limit(requests, my_id())
