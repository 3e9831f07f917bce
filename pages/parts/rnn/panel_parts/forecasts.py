"""The group Forecasts: one ticker's forecasts beside what happened, and every ticker's next day."""

from __future__ import annotations

import streamlit as st

from core.rnn.panel.day_figures import forecast_chart
from core.rnn.panel.models import panel_model
from core.rnn.panel.request import PanelRequest
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import ahead_table
from core.rnn.panel.views import standings, track
from core.rnn.prices.sources import SOURCES
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import mode, plain, table
from pages.parts.rnn.panel_parts.shared import WIDTH, as_file, chosen_model, draw
from pages.parts.rnn.ticker_field import companies_of


def show(run: Run, result: PanelResult) -> None:
    verdict = result.verdict
    ranked = standings(result, verdict.reference, verdict.loss)["model"].tolist()
    with st.container(horizontal=True, gap="medium"):
        symbol = controls.selectbox("Ticker", list(result.symbols), key="shown", width=WIDTH)
        model = chosen_model(result, [*ranked, verdict.reference], "model")
        rivals = [
            name for name in (verdict.best_without_recurrence, verdict.best_classical, verdict.reference) if name != model
        ]
        beside = chosen_model(result, list(dict.fromkeys(rivals)), "beside", "Beside it")
    st.subheader("Forecasts against actual", anchor=False)
    drawn = forecast_chart(result, symbol, [model, beside], mode())
    titles = f"{panel_model(model).title} and of {panel_model(beside).title}"
    draw(run, drawn, f"Forecasts for {symbol} of {titles} beside what happened", "forecasts")
    as_file(run, track(result, symbol, [model, beside]), f"forecasts-{symbol}")
    st.subheader("The next day of every ticker", anchor=False)
    ahead = ahead_table(result, model)
    if any((companies := _companies(run)).values()):
        ahead.insert(1, "Company", ahead["Ticker"].map(companies))
    table(ahead, key=f"ahead-{run.id}")
    st.caption(f"By {plain(panel_model(model).title)}, from the last day with prices. Not investment advice.")


def _companies(run: Run) -> dict[str, str]:
    """By ticker, where its source lists them."""
    assert isinstance(run.request, PanelRequest)
    tickers = run.request.data.tickers
    return {one.symbol: companies_of(SOURCES[one.source]).get(one.symbol, "") for one in tickers}
