"""A screen that cannot be drawn: one sentence, at once, and no promise that nobody has checked."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from starlette.applications import Starlette
from streamlit import logger
from streamlit.testing.v1 import AppTest

from core.runs.lab import Lab, lab
from pages.parts.routes.table import routes
from pages.parts.serving import defects
from pages.parts.visitors.cookie import COOKIE, Cookie
from tests.pages.asgi import ask
from tests.pages.conftest import OpenPage

ROOT = Path(__file__).parents[2]


@pytest.fixture
def damage(home: Lab) -> Iterator[Callable[[], None]]:
    """Makes the lab's database no database any more, until the end of the test."""
    folder = home.store.place.folder.parent

    def spoil() -> None:
        home.registry.close()
        for file in folder.glob("gridcast.db*"):
            file.write_bytes(b"no database" * 1000)
        lab.cache_clear()

    yield spoil
    for file in folder.glob("gridcast.db*"):
        file.unlink()
    lab.cache_clear()


@pytest.mark.parametrize("page", ["home", "runs", "status"])
def test_a_screen_without_its_database_says_so_in_one_sentence(
    home: Lab, damage: Callable[[], None], open_page: OpenPage, page: str
) -> None:
    damage()
    screen = open_page(page)
    assert not screen.exception
    [sentence] = [one.value for one in screen.error]
    assert "is damaged" in sentence
    assert str(home.store.place.folder.parent) not in sentence


def test_what_the_lab_knows_is_told_as_it_is_and_a_defect_by_a_number(home: Lab) -> None:
    def script() -> None:
        from core.errors import StoreError
        from pages.parts.serving.defects import report

        report(StoreError("the disk is full"))
        report(ZeroDivisionError("division of /home/ann by zero"))

    known, defect = [one.value for one in AppTest.from_function(script).run().error]
    assert known == "the disk is full"
    assert defect.startswith("Something in the lab broke (error ")
    assert "/home/ann" not in defect
    assert defect.endswith(defects.SAFE)


def test_runs_are_called_safe_only_where_the_database_answers(damage: Callable[[], None]) -> None:
    assert defects.runs_are_safe()
    damage()
    assert not defects.runs_are_safe()


def test_streamlit_prints_no_coloured_traceback() -> None:
    """Which takes rich 27 s for an error out of peewee."""
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert options["logger"]["enableRich"] is False
    assert options["client"]["showErrorDetails"] == "none"


def test_what_streamlit_writes_is_a_line_as_our_log_has_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(logger, "setup_formatter", logger.setup_formatter)
        defects.report_of_our_own()
        for name in ("streamlit.components.v2.bidi_component.serialization", "streamlit.one_that_comes_later"):
            try:
                json.loads("no JSON")
            except ValueError:
                logger.get_logger(name).exception("cannot be read\nat all")
    logger.update_formatter()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:]+Z error cannot be read at all traceback=", line) for line in lines)


@pytest.mark.parametrize("path", ["/api/health", "/api/status", "/api/metrics", "/api/live?run=0000000000000000"])
def test_the_servers_own_addresses_answer_without_a_database(home: Lab, damage: Callable[[], None], path: str) -> None:
    damage()
    answer = ask(Starlette(routes=routes()), path)
    assert answer.status == 503  # the lab cannot be opened; one that is open answers /api/status with what it knows
    assert "Traceback" not in answer.text
    assert str(home.store.place.folder.parent) not in answer.text
    assert "is damaged" in answer.text


def test_who_wants_to_become_somebody_is_told_that_the_database_is_damaged(home: Lab, damage: Callable[[], None]) -> None:
    inside = Cookie(Starlette())
    asked = partial(ask, inside, "/me/the-token-of-one-visitor-in-these-tests", "GET")
    damage()
    answer = asked({"cookie": f"{COOKIE}=the-token-of-another-visitor-in-them"})
    assert answer.status == 503
    assert "is damaged" in answer.text
    assert str(home.store.place.folder.parent) not in answer.text
    assert b"set-cookie" not in answer.headers
    assert asked({}).status == 303  # nobody yet: whose link it is need not be known
