from __future__ import annotations

import json

from starlette.applications import Starlette

from core.runs.lab import Lab
from core.stn.straighten.request import StraightenRequest
from pages.parts.live.words import list_state
from pages.parts.routes.table import routes
from tests.pages.asgi import ask
from tests.pages.conftest import OpenPage
from tests.pages.live.viewed import data_of


def told(app) -> str:
    """The state of the list, as the stream of an open page says it."""
    answer = ask(Starlette(routes=routes()), f"{data_of(app)['events']}&once=1")
    return str(json.loads(answer.body)["head"]["state"])


def test_a_list_is_told_when_a_run_comes_begins_or_ends(open_page: OpenPage, home: Lab) -> None:
    app = open_page("runs")
    assert not app.exception
    states = [data_of(app)["state"]]
    assert told(app) == states[0]
    run, _ = home.registry.claim(StraightenRequest(images=("0" * 64,), names=("coins",)))
    for change in (lambda: None, lambda: home.registry.start(run.id), lambda: home.cancel(run.id)):
        change()
        assert told(app) not in states
        states.append(told(app))
    assert told(app) == list_state() == states[-1]
