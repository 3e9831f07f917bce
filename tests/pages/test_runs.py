from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from core.errors import RunFailed
from core.runs.bundle import examples
from core.runs.export import export
from core.runs.lab import Lab
from core.runs.recovery.room import CLEARED
from pages.parts.export_menu import zipped
from pages.parts.layout import plain
from tests.pages.conftest import OpenPage


def test_home_shows_both_examples(open_page: OpenPage) -> None:
    app = open_page("home")
    assert not app.exception
    assert len(app.subheader) == 2


def _deleted(path: Path) -> None:
    path.unlink()


def _damaged(path: Path) -> None:
    path.write_bytes(b"not what was written")


@pytest.mark.parametrize("lose", [_deleted, _damaged])
def test_a_shipped_example_that_has_lost_its_result_is_back_at_once(
    open_page: OpenPage, home: Lab, lose: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.examples.AGAIN_SECONDS", 0.0)
    for run in home.runs():
        if run.kind in ("straighten", "compare"):
            lose(home.store.place.path_of(str(run.result)))
            with suppress(RunFailed):
                home.result(run)
    assert len(open_page("home").subheader) == 2


def test_runs_lists_what_there_is(open_page: OpenPage, empty_home: Lab) -> None:
    assert "No runs yet" in open_page("runs").info[0].value
    runs = examples(empty_home)
    app = open_page("runs")
    assert not app.exception
    assert list(app.dataframe[0].value["what"]) == [run.title for run in reversed(runs)]
    assert list(open_page("runs", bench="Spatial").dataframe[0].value["what"]) == [
        run.title for run in reversed(runs) if run.bench == "spatial"
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_a_finished_run_opens_by_its_id(open_page: OpenPage, home: Lab, number: int) -> None:
    run = examples(home)[number]
    app = open_page("run", id=run.id)
    assert not app.exception
    assert app.title[0].value == run.title
    assert any("trained" in caption.value and run.id in caption.value for caption in app.caption)


def test_a_run_that_ended_badly_says_why_and_can_be_run_again(open_page: OpenPage, home: Lab) -> None:
    run = examples(home)[0]
    home.registry.evict([str(run.result)], CLEARED)
    app = open_page("run", id=run.id)
    assert "cleared to make room" in app.warning[0].value
    assert "Run it again" in [button.label for button in app.button]


def test_an_unknown_run_is_no_exception(open_page: OpenPage) -> None:
    app = open_page("run", id="nonsense")
    assert not app.exception
    assert "no run with this id" in app.markdown[0].value


def test_an_exported_request_leads_to_its_run(open_page: OpenPage, home: Lab) -> None:
    run = examples(home)[0]
    files = export(run, home.result(run), "json", home.store)
    app = open_page("runs")
    app.file_uploader(key="request-file").upload("taken.zip", zipped(files), "application/zip").run()
    app.button(key="start-request").click().run()
    assert not app.exception
    assert app.get("page_link")[0].proto.label == plain(run.title)


def test_a_file_that_is_no_request_is_told(open_page: OpenPage) -> None:
    app = open_page("runs")
    app.file_uploader(key="request-file").upload("taken.json", b"[]", "application/json").run()
    app.button(key="start-request").click().run()
    assert not app.exception
    assert "this is not a request" in app.error[0].value


def test_a_run_that_came_with_the_lab_opens_by_its_name(open_page: OpenPage) -> None:
    app = open_page("run", id="2-compare")
    assert not app.exception
    assert "S&P" in app.title[0].value or "GSPC" in app.title[0].value
    assert "There is no run" in open_page("run", id="0-nothing").markdown[0].value
