"""The recurrent bench through AppTest: what a visitor chooses becomes a request, and what cannot be becomes a sentence."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from core.rnn.compare.request import CompareRequest
from core.rnn.prices import samples
from core.rnn.prices.prices import Prices
from core.rnn.prices.reader import reader_of
from core.rnn.prices.sources import SOURCES
from core.runs.lab import Lab
from core.runs.request import Request
from pages.parts.examples import ids_by_name
from pages.parts.rnn import price_form, ticker_field
from pages.parts.rnn.compare_parts import errors
from tests.pages.conftest import OpenPage
from tests.pages.test_again import of_mine
from tests.rnn.prices.memory import LISTED, MEMORY

CSV = b"Datum;Schluss\n" + b"\n".join(
    b"%02d.%02d.20%02d;1.%03d,5" % (1 + n % 28, 1 + n // 28 % 12, 10 + n // 336, n) for n in range(900)
)


def test_rnn_opens_with_prices_and_an_example(open_page: OpenPage) -> None:
    app = open_page("rnn")
    assert not app.exception
    assert any("to 28 Dec 2022" in caption.value for caption in app.caption)
    assert "A finished comparison to look at" in [heading.value for heading in app.subheader]


@pytest.mark.slow
@pytest.mark.parametrize("view", ["Ranking", "Forecasts", "Errors", "Worth", "Ahead", "Provenance"])
def test_every_group_of_figures_is_shown(open_page: OpenPage, view: str) -> None:
    app = open_page("rnn", show=view)
    assert not app.exception
    assert app.button_group(key="show").value == view
    assert app.get("plotly_chart")
    if view in ("Forecasts", "Errors", "Ahead"):
        assert app.selectbox(key="model").value == "LSTM"  # that is judged; GRU has the lowest error in the test


@pytest.mark.slow
def test_another_metric_is_drawn_and_explained(open_page: OpenPage) -> None:
    app = open_page("rnn", show="Ranking", metric="RMSE")
    assert not app.exception
    assert "RMSE" in [heading.value for heading in app.subheader]
    assert any("Root mean squared error" in caption.value for caption in app.caption)


@pytest.mark.slow
def test_another_loss_is_another_verdict_without_another_run(open_page: OpenPage, home: Lab) -> None:
    app = open_page("rnn")
    runs = [run.id for run in home.registry.runs()]
    assert "by QLIKE" in " ".join(text.value for text in app.markdown)
    app.button_group(key="score_volatility").set_value("squared").run()
    assert not app.exception
    said = " ".join(text.value for text in app.markdown if "**" not in text.value)  # beside what columns mean
    assert "against GJR-GARCH-t by MSE" in said
    assert "against GJR-GARCH-t by QLIKE" not in said
    assert "by MSE, though LSTM does by QLIKE" in said
    assert "by MSE" in " ".join(text.value for text in open_page("rnn", score_volatility="MSE").markdown)
    assert [run.id for run in home.registry.runs()] == runs


@pytest.mark.slow
def test_another_cost_of_trading_is_shown_without_another_run(open_page: OpenPage, home: Lab) -> None:
    app = open_page("rnn", show="Worth", cost="20.0")
    assert not app.exception
    assert any("at 20 basis points a trade" in text.value for text in app.markdown)
    runs = [run.id for run in home.registry.runs()]
    app.number_input(key="cost").set_value(0.0).run()
    assert any("at 0 basis points a trade" in text.value for text in app.markdown)
    assert [run.id for run in home.registry.runs()] == runs


@pytest.mark.slow
def test_another_trading_rule_is_shown_without_another_run(open_page: OpenPage, home: Lab) -> None:
    app = open_page("rnn", run="9-compare", show="Worth")
    runs = [run.id for run in home.registry.runs()]
    drawn = app.get("plotly_chart")[0].proto.spec
    assert set(app.dataframe[0].value["Invested (%)"]) == {0, 100}  # whoever forecasts no move never trades
    assert any("short when down, at" in text.value for text in app.markdown)
    app.button_group(key="rule").set_value("Long flat").run()
    assert not app.exception
    assert "Long flat, beside buy-and-hold" in [heading.value for heading in app.subheader]
    assert any("else out of the market, at" in text.value for text in app.markdown)
    assert not any("short when down, at" in text.value for text in app.markdown)
    assert app.get("plotly_chart")[0].proto.spec != drawn
    assert app.dataframe[0].value["Invested (%)"].between(1, 99).any()
    assert [run.id for run in home.registry.runs()] == runs


@pytest.mark.parametrize("unfolded", [False, True])
@pytest.mark.parametrize("name", ["2-compare", "9-compare"])
def test_the_ranking_shows_what_the_verdict_rests_on_and_folds_the_other_metrics_away(
    open_page: OpenPage, name: str, unfolded: bool
) -> None:
    leading = [
        "Model", "Skill (%)", "Skill of one seed (%)", "p, corrected", "Skill over best classical (%)",
        "p, best classical, uncorrected",
    ]  # fmt: skip
    app = open_page("rnn", run=name, **({"metrics": "true"} if unfolded else {}))
    [fold] = [one for one in app.expander if one.label == "Every metric"]
    assert fold.proto.expanded is unfolded
    shown, *folded = (list(table.value) for table in app.dataframe)
    assert shown == leading
    assert [columns[: len(leading)] for columns in folded] == [leading] * unfolded
    assert all({"MASE", "RMSE (%)", "Coverage (%)"} <= set(columns) for columns in folded)


@pytest.mark.parametrize("view", ["Ranking", "Forecasts"])
def test_the_source_of_the_prices_stands_once_below_a_finished_comparison(open_page: OpenPage, view: str) -> None:
    app = open_page("rnn", run="9-compare", show=view)
    assert not app.exception
    assert app.button_group(key="show").value == view
    assert sum("shipped sample" in caption.value for caption in app.caption) == 1


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.374, "show no correlation (Ljung–Box test, p = 0.37)"),
        (0.01, "look correlated (Ljung–Box test, p = 0.010)"),
        (float("nan"), ""),
    ],
    ids=["chance", "correlated", "no test"],
)
def test_whether_errors_are_correlated_is_said_in_words(monkeypatch: pytest.MonkeyPatch, p: float, said: str) -> None:
    monkeypatch.setattr(errors, "ljung_box", lambda forecasts: pd.DataFrame({"p": [p]}))
    result = SimpleNamespace(forecasts=pd.DataFrame({"model": ["gru"]}), bar="day")
    words = errors._left_over(result, "gru")  # type: ignore[arg-type]
    assert said in words
    assert bool(words) is bool(said)
    assert "tell nothing" not in words


def test_a_comparison_of_one_seed_offers_five_networks_of_each_variant(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Request] = []
    monkeypatch.setattr("pages.parts.runs.conclusion.submit", asked.append)
    run = of_mine(home, "9-compare", seeds=1)
    app = open_page("rnn", run=run.id)
    next(button for button in app.button if button.label == "Train 5 networks of each variant").click().run()
    assert not app.exception
    assert asked == [run.request.model_copy(update={"seeds": 5})]


def test_a_comparison_of_five_seeds_offers_no_more(open_page: OpenPage, home: Lab) -> None:
    run = home.registry.find(ids_by_name()["2-compare"])
    app = open_page("rnn", run=run.id)
    assert not app.exception
    assert f"next-{run.id}" not in [button.key for button in app.button]
    assert not any("of each variant" in button.label for button in app.button)


@pytest.mark.slow
def test_home_says_the_same_verdict_as_the_run(open_page: OpenPage) -> None:
    links = [link.proto.label.replace("\\", "") for link in open_page("home").get("page_link")]
    [home] = [label for label in links if "LSTM" in label]
    [headline] = [text.value for text in open_page("rnn").markdown if text.value.startswith("#### ")]
    for words in ("GJR-GARCH-t, the best classical model before the test", "by QLIKE only, not by the 3 other losses"):
        assert words in home
        assert words in headline


@pytest.mark.slow
def test_rnn_runs_what_was_chosen(open_page: OpenPage, home: Lab) -> None:
    app = open_page("rnn", symbol="KO", target="Return", seeds="1", cells="GRU", test="250", horizon="3", start="2018-01-01")
    app.button_group(key="both").set_value([]).run()
    [button] = [button for button in app.button if button.label == "Compare"]
    button.click().run()
    assert not app.exception
    [run] = [run for run in home.registry.runs() if run.id == app.query_params["run"]]
    request = run.request
    assert isinstance(request, CompareRequest)
    assert (request.symbol, request.target, request.cells, request.seeds) == ("KO", "return", ("gru",), 1)
    assert (request.test_days, request.horizon) == (250, 3)
    assert any(run.id in caption.value for caption in app.caption)


def test_rnn_says_when_the_period_is_too_short(open_page: OpenPage) -> None:
    app = open_page("rnn", start="2022-06-01")
    assert any("500 test days" in error.value for error in app.error)


def test_a_bidirectional_cell_read_many_to_many_is_refused_in_one_sentence(open_page: OpenPage) -> None:
    app = open_page("rnn", type="Many-to-many")
    [error] = app.error
    assert "it would see the future" in error.value
    assert not app.exception


def test_measures_of_volatility_are_offered_where_there_are_highs_and_lows(open_page: OpenPage) -> None:
    asked = {"start": "2002-01-01", "end": "2018-12-31"}
    assert open_page("rnn", symbol="^GSPC", measure="Parkinson", **asked).button_group(key="measure").value == "Parkinson"
    with pytest.raises(KeyError):
        open_page("rnn", symbol="AAPL").button_group(key="measure")


def test_theta_is_not_offered_for_a_direction(open_page: OpenPage) -> None:
    assert "Theta" in open_page("rnn", models="true").button_group(key="classical").options
    assert "Theta" not in open_page("rnn", models="true", target="Direction").button_group(key="classical_direction").options


def test_one_ticker_is_compared_and_of_more_that_is_said(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "MRK · Merck" in [heading.value for heading in open_page("rnn", symbol="MRK").subheader]
    monkeypatch.setattr(price_form, "fetched", lambda source, symbol, bar_size="1d": reader_of("sample").fetch(symbol))
    app = open_page("rnn", source="Yahoo", ticker="PEP, KO")
    assert not app.exception
    assert any("One ticker is compared here: PEP" in caption.value for caption in app.caption)
    [beside] = [link for link in app.get("page_link") if "Sweep" in link.proto.label]
    assert "symbols=PEP" in beside.proto.query_string
    assert "PEP · PepsiCo" in [heading.value for heading in app.subheader]


def test_weeks_are_made_of_days(open_page: OpenPage) -> None:
    app = open_page("rnn", bars="Weekly", start="1995-01-01")
    assert not app.exception
    assert not app.error
    assert any("weekly" in caption.value for caption in app.caption)


def test_a_company_is_found_by_its_name(open_page: OpenPage) -> None:
    app = open_page("rnn")
    assert "KO · Coca-Cola" in app.selectbox(key="symbol").options
    app = open_page("rnn", symbol="coca")
    assert any("KO · Coca" in heading.value for heading in app.subheader)
    assert app.selectbox(key="symbol").value == "KO"
    assert not app.toast


@pytest.mark.parametrize(("page", "key"), [("traps", "symbol"), ("sweep", "symbols")])
def test_of_several_companies_of_a_name_one_is_chosen(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, page: str, key: str
) -> None:
    """In a field for one ticker and in a list; at a source that lists its tickers and at one that is asked."""
    typed = {"source": "Yahoo", "symbols": "MSFT, ishares msci"} if key == "symbols" else {"symbol": "ishares msci"}
    monkeypatch.setattr(ticker_field, "listings", lambda source, words: samples.search(words))
    app = open_page(page, **typed)
    assert not app.exception
    source = typed.get("source", "Samples").replace("Samples", "sample").lower()
    app.button(key=f"found-{source}-ishares msci-QUAL").click().run()
    assert not app.exception
    field = app.text_area(key=key).value if key == "symbols" else app.selectbox(key=key).value
    assert field == ("MSFT, QUAL" if key == "symbols" else "QUAL")


def test_columns_of_an_upload_are_found_and_shown(open_page: OpenPage) -> None:
    app = open_page("rnn", source="CSV", test="250")
    app.file_uploader(key="csv").upload("kurse.csv", CSV).run()
    assert not app.exception
    assert [box.value for box in app.selectbox if box.label in ("Dates", "Prices")] == ["1 · Datum", "2 · Schluss"]
    assert any("KURSE" in caption.value for caption in app.caption)


def test_a_column_that_holds_no_prices_is_said_so_and_can_be_corrected(open_page: OpenPage) -> None:
    app = open_page("rnn", source="CSV", test="250")
    app.file_uploader(key="csv").upload("kurse.csv", CSV).run()
    [prices] = [box for box in app.selectbox if box.label == "Prices"]
    prices.set_value("1 · Datum").run()
    assert not app.exception
    assert "kurse" in app.error[0].value


def test_of_a_file_of_two_tickers_one_is_chosen_and_of_two_columns_of_one_name_one_by_its_place(open_page: OpenPage) -> None:
    days = [f"{2020 + n // 336}-{1 + n // 28 % 12:02d}-{1 + n % 28:02d}" for n in range(400)]
    two = "Price,Close,Close\nTicker,AAPL,MSFT\nDate,,\n" + "".join(
        f"{day},{n % 7 + 10},{n % 5 + 300}\n" for n, day in enumerate(days)
    )
    app = open_page("rnn", source="CSV", test="100")
    app.file_uploader(key="csv").upload("two.csv", two.encode()).run()
    assert "it has the prices of several tickers" in app.error[0].value
    [ticker] = [box for box in app.selectbox if box.label == "Ticker in the file"]
    ticker.set_value("MSFT").run()
    assert not app.exception
    assert [error.value for error in app.error] == []
    assert [box.value for box in app.selectbox if box.label == "Prices"] == ["3 · Close (MSFT)"]
    assert any(caption.value.startswith("MSFT · two.csv") for caption in app.caption)
    app = open_page("rnn", source="CSV", test="100")
    app.file_uploader(key="csv").upload("twice.csv", two.split("\n", 3)[3].join(["Date,Close,Close\n", ""]).encode()).run()
    assert "columns 2, 3 are all called 'Close'" in app.error[0].value
    [prices] = [box for box in app.selectbox if box.label == "Prices"]
    prices.set_value("3 · Close").run()
    assert not app.error


def test_prices_that_look_wrong_are_trained_on_only_when_they_were_confirmed_or_cut(open_page: OpenPage) -> None:
    days = [f"{2010 + n // 336}-{1 + n // 28 % 12:02d}-{1 + n % 28:02d}" for n in range(1300)]
    rows = "".join(f"{day},{(25 if n >= 700 else 100) + n % 7 / 9:.2f}\n" for n, day in enumerate(days))
    app = open_page("rnn", source="CSV", test="100")
    app.file_uploader(key="csv").upload("split.csv", f"Date,Close\n{rows}".encode()).run()
    assert "like a split of 4" in app.warning[0].value
    assert app.button(key="go").disabled
    [right] = [toggle for toggle in app.toggle if toggle.label.startswith("The prices are right")]
    right.set_value(True).run()
    assert not app.button(key="go").disabled
    [cut] = [button for button in app.button if button.label == "Begin on 1 Feb 2012"]
    cut.click().run()
    assert not app.exception
    assert not app.warning
    assert not app.button(key="go").disabled


def test_what_stands_under_the_chart_of_other_prices_says_whose_it_is(open_page: OpenPage, home: Lab) -> None:
    """A file of one's own, and another ticker, chosen after a comparison that was asked for here."""
    run = next(one for one in home.registry.runs() if one.kind == "compare")
    app = open_page("rnn", source="CSV", test="100", run=run.id)
    app.session_state["asked-compare"] = run.id
    app.file_uploader(key="csv").upload("mine.csv", CSV).run()
    assert not app.exception
    assert "The comparison of ^GSPC" in [heading.value.replace("\\", "") for heading in app.subheader]
    app = open_page("rnn", symbol="KO", run=run.id)
    app.session_state["asked-compare"] = run.id
    app.run()
    assert "The comparison of ^GSPC" in [heading.value.replace("\\", "") for heading in app.subheader]


def test_one_click_puts_the_right_spelling_of_a_ticker_in_place(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetched(source: str, symbol: str, bar_size: str = "1d") -> Prices:  # at Yahoo only what must not be asked for
        return reader_of("sample" if symbol == "KO" else source).fetch("KO" if symbol == "KO" else symbol)

    monkeypatch.setattr(price_form, "fetched", fetched)
    app = open_page("rnn", source="Yahoo", ticker="KO.US")
    assert "Yahoo writes KO" in app.error[0].value
    app.button(key="instead-yahoo-KO.US-KO").click().run()
    assert not app.exception
    assert [error.value for error in app.error] == []
    assert app.selectbox(key="ticker").value == "KO"


def test_a_source_that_was_added_as_a_row_is_on_the_screens(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in (MEMORY, LISTED):
        monkeypatch.setitem(SOURCES, source.name, source)
        for page in ("rnn", "traps"):
            app = open_page(page, source=source.title)
            assert not app.exception
            assert not app.error
        app = open_page("rnn", source=source.title)
        assert any("WAVE · memory of a test" in caption.value for caption in app.caption)
        assert not open_page("sweep", source=source.title).exception
    app = open_page("rnn")  # Samples
    app.button_group(key="source").set_value("Listed").run()
    app.selectbox(key="symbol").set_value("WAVE").run()
    assert not app.error
    assert any("WAVE · memory of a test" in caption.value for caption in app.caption)
