from __future__ import annotations

import pytest
from starlette.applications import Starlette

from core.runs import engine as engines
from core.runs.lab import Lab
from pages.parts.routes.table import ROWS, routes
from tests.pages.asgi import Answer, ask

ANSWERED = (200, 400)  # 400: it wants to be asked for something


class Ended:
    """An engine that has died."""

    lives = False


def get(path: str, base: str = "") -> Answer:
    return ask(Starlette(routes=routes(base)), path)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_every_address_answers_below_the_servers_own(home: Lab, row) -> None:
    assert get(row.path).status in ANSWERED
    assert get(f"/lab{row.path}", "lab/").status in ANSWERED
    assert get(row.path, "lab/").status == 404


def test_health_is_503_with_the_reason_when_the_engine_has_ended(home: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_engines", [Ended()])
    answer = get("/api/health")
    assert answer.status == 503
    assert "the engine has ended" in answer.text
