"""The screen of the traps through AppTest."""

from __future__ import annotations

import pytest

from core.rnn.traps.result import TITLES, TrapsResult
from core.runs.lab import Lab
from pages.parts.rnn.traps import SHORT
from tests.pages.conftest import OpenPage


def test_the_screen_opens_with_a_finished_run_and_both_its_numbers(open_page: OpenPage) -> None:
    app = open_page("traps")
    assert not app.exception
    assert [one.value for one in app.subheader] == ["Reading the future"]
    flattering, honest = (one.value for one in app.markdown if one.value.startswith("# "))
    assert ":orange[R² 0.99" in flattering
    assert ":orange" not in honest


@pytest.mark.parametrize("short", list(SHORT))
def test_a_trap_is_opened_by_its_address(open_page: OpenPage, short: str) -> None:
    app = open_page("traps", show=short)
    assert not app.exception
    assert app.subheader[0].value == TITLES[SHORT[short]]
    assert any(one.value.startswith("**How it is caught.**") for one in app.markdown)


def test_a_period_that_is_too_short_is_told_in_one_sentence(open_page: OpenPage) -> None:
    app = open_page("traps", start="2022-01-01")
    [button] = [button for button in app.button if button.label == "Run the traps"]
    app = button.click().run()
    assert not app.exception
    assert "the traps need at least 600" in app.error[0].value


@pytest.mark.slow
def test_the_traps_are_made_shown_and_found_again(open_page: OpenPage, home: Lab) -> None:
    app = open_page("traps", symbol="KO", start="2020-06-01", seeds="1")
    [button] = [button for button in app.button if button.label == "Run the traps"]
    app = button.click().run(timeout=300)  # a busy machine takes its time
    assert not app.exception
    run = home.look(app.query_params["run"][0] if isinstance(app.query_params["run"], list) else app.query_params["run"])
    assert run is not None
    assert (run.kind, run.state) == ("traps", "done")
    assert isinstance(home.result(run), TrapsResult)
    assert not open_page("run", id=run.id).exception
