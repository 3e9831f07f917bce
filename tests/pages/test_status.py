from __future__ import annotations

import json

from starlette.applications import Starlette

from core.runs.kinds import KINDS
from core.runs.lab import Lab
from pages.parts.routes.table import routes
from tests.pages.asgi import ask
from tests.pages.conftest import OpenPage


def test_the_screen_says_what_the_server_is_doing(open_page: OpenPage) -> None:
    page = open_page("status")
    assert not page.exception
    shown = {metric.label: metric.value for metric in page.metric}
    assert (shown["Workers at work"], shown["Runs at work"], shown["Runs waiting"]) == ("0 of 0", "0", "0")
    words = " ".join(one.value for one in page.markdown)
    assert "The engine is up. The database (SQLite) answers. Yahoo was not asked since the start" in words
    runs = page.dataframe[0].value.set_index("kind")
    assert runs.loc[KINDS["compare"].title, "done"] == 2
    assert any("torch 2" in caption.value for caption in page.caption)


def test_the_same_is_told_as_json_and_to_prometheus(home: Lab) -> None:
    app = Starlette(routes=routes())
    status = json.loads(ask(app, "/api/status").body)
    assert status["runs"]["compare"] == {"done": 2}
    metrics = ask(app, "/api/metrics")
    assert metrics.headers[b"content-type"] == b"text/plain; version=0.0.4; charset=utf-8"
    assert 'gridcast_runs{kind="compare",state="done"} 2.0' in metrics.text.splitlines()
