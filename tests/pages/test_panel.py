"""The screen of panels through AppTest."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import RunFailed
from core.rnn.panel.learner import trees
from core.rnn.panel.learner.learned import Learned, Task
from core.rnn.panel.request import PanelRequest
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import answer
from core.rnn.prices.prices import Missing
from core.runs.lab import Lab
from core.runs.request import Progress, key_of
from pages.parts.examples import shipped_ids
from tests.pages.conftest import ME, OpenPage
from tests.pages.live.viewed import viewed
from tests.rnn.panel.panels import QUICK, data_of, files

VIEWS = ("Skill", "Tickers", "Days", "Worth", "Forecasts", "Networks", "Provenance")


def panel_of(home: Lab, **settings: object) -> PanelRequest:
    prices = files()
    for one in prices:
        home.store.put(one.to_bytes())
    return PanelRequest(data=data_of(prices), **{**QUICK, **settings})


def done(home: Lab, **settings: object) -> str:
    """The id of a finished panel."""
    request = panel_of(home, **settings)
    for _ in home.iterate(request, visitor=ME):
        pass
    return key_of(request)


def buttons(app: AppTest, label: str) -> list[bool]:
    """Whether each button of a label is disabled."""
    return [button.disabled for button in app.button if button.label == label]


def words(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption])


def test_the_screen_opens_with_a_finished_panel_or_says_what_to_do(open_page: OpenPage) -> None:
    app = open_page("panel")
    assert not app.exception
    assert "Press **Train**" in words(app) or "A finished panel" in words(app)
    assert "20 tickers, 20 networks, " in words(app)
    assert buttons(app, "Train") == [False]


def test_what_is_chosen_changes_the_time_that_it_takes(open_page: OpenPage) -> None:
    app = open_page("panel", recipes="Nine", unseen="true", each="GRU", seeds="2")
    assert "20 tickers, 82 networks, " in words(app)  # 11 for all tickers, 20 alone, twice each; 20 unseen


def test_fewer_than_two_tickers_are_not_enough(open_page: OpenPage) -> None:
    app = open_page("panel")
    app.button_group(key="groups").set_value([]).run()
    assert not app.exception
    assert "Choose two tickers or more" in app.info[0].value
    assert buttons(app, "Train") == [True]


def test_files_are_asked_for_when_they_are_the_source(open_page: OpenPage) -> None:
    app = open_page("panel", source="CSV")
    assert not app.exception
    assert buttons(app, "Train") == [True]


def test_a_server_is_not_asked_before_the_button_is_pressed(open_page: OpenPage) -> None:
    app = open_page("panel", source="Yahoo", symbols="AAPL MSFT")
    assert not app.exception
    assert not app.error
    assert "2 tickers" in words(app)


def test_a_wish_that_does_not_fit_gets_one_sentence(open_page: OpenPage) -> None:
    app = open_page("panel", start="2020-01-01", end="2019-01-01")
    assert not app.exception
    assert "swap the two dates" in app.error[0].value


def test_every_group_of_a_finished_panel_opens(open_page: OpenPage, home: Lab) -> None:
    run = done(home, unseen=True, per_ticker=("gru",), trees=False)
    result = home.result(home.registry.find(run))
    assert isinstance(result, PanelResult)
    for view in VIEWS:
        app = open_page("panel", run=run, show=view)
        assert not app.exception, view
        assert not app.error, view
        assert f"#### {answer(result.verdict)}" in words(app), view
        assert result.verdict.text in words(app), view


def test_the_loss_and_the_rival_are_views_that_stand_in_the_address(open_page: OpenPage, home: Lab) -> None:
    run = done(home, trees=False)
    open_page("panel", run=run)  # takes the shipped runs in
    before = len(home.runs())
    app = open_page("panel", run=run, loss="MSE of r²", against="Random walk")
    assert not app.exception
    assert app.selectbox(key="loss").value == "MSE of r²"
    assert app.selectbox(key="against").value == "Random walk"
    assert len(home.runs()) == before


def test_without_networks_there_is_no_group_for_them(open_page: OpenPage, home: Lab) -> None:
    app = open_page("panel", run=done(home, cells=(), trees=False))
    assert not app.exception
    assert "No recurrent network took part." in words(app)
    assert "Networks" not in app.button_group(key="show").options


def test_a_ticker_without_prices_is_named_with_its_reason(open_page: OpenPage, home: Lab) -> None:
    app = open_page("panel", run=done(home, trees=False, missing=(Missing(symbol="GONE", reason="it is not listed"),)))
    assert not app.exception
    assert "**GONE**: it is not listed" in app.warning[0].value


def test_a_part_that_failed_is_named_and_can_be_done_again(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_memory(task: Task) -> Generator[Progress, None, list[Learned]]:
        yield Progress(phase="growing")
        raise RunFailed("the trees did not fit into memory")

    with monkeypatch.context() as patched:
        patched.setattr(trees, "boosted", out_of_memory)
        run = done(home, steps=8)
    app = open_page("panel", run=run)
    assert "did not fit into memory" in app.warning[0].value
    [again] = [button for button in app.button if button.label == "Try these again"]
    app = again.click().run(timeout=120)
    assert not app.exception
    assert not app.warning
    result = home.result(home.registry.find(run))
    assert isinstance(result, PanelResult)
    assert not result.failed
    assert "trees-market" in result.points


def test_a_panel_that_is_alive_shows_its_parts_and_can_be_cancelled(open_page: OpenPage, home: Lab) -> None:
    request = panel_of(home)
    whole, _ = home.claim(request, visitor=ME)
    home.registry.start(whole.id)
    first = next(iter(request.parts.values()))
    home.claim(first, whole.id)
    app = open_page("panel", run=key_of(request))
    assert not app.exception
    [table] = viewed(app)["blocks"]
    assert len(table["rows"]) == len(request.parts)
    assert table["rows"][0][1] == "queued"
    [cancel] = [button for button in app.button if button.label == "Cancel"]
    assert "cancelled" in cancel.click().run().warning[0].value


@pytest.mark.slow
def test_a_panel_is_asked_for_shown_and_found_again(open_page: OpenPage, home: Lab) -> None:
    app = open_page("panel", start="2018-06-01", cells="GRU", seeds="1", trees="false", classical_volatility="EWMA")
    app.button_group(key="groups").set_value(["Factor funds"]).run()
    [train] = [button for button in app.button if button.label == "Train"]
    app = train.click().run(timeout=300)
    assert not app.exception
    [run] = [run for run in home.runs(parts=False) if run.id not in shipped_ids()]
    assert (run.id, run.kind, run.state) == (app.query_params["run"], "panel", "done")
    assert any("A finished panel" in caption.value for caption in open_page("panel").caption)


def test_a_part_of_a_panel_can_be_opened_by_its_address(open_page: OpenPage, home: Lab) -> None:
    part = next(one for name, one in panel_of(home, seeds=1).parts.items() if "GRU" in name)
    for _ in home.iterate(part):
        pass
    app = open_page("run", id=key_of(part))
    assert not app.exception
    assert "A part of a panel of 3 tickers" in words(app)
