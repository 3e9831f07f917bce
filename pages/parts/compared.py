"""What a finished comparison has to show. Under every chart stands where its prices come from, and up to which day."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core.rnn.compare import CompareResult
from core.rnn.figures import forecast_chart, loss_curves, price_chart, ranking_table, skill_chart
from core.runs.registry import Run
from pages.parts.layout import chart, mode, plain

REFIT = "Every forecast uses the days up to the one before it; parameters are fitted once, before the test."
TESTED = "Diebold–Mariano against the random walk: small means better by more than chance, or worse where skill is below zero"
COLUMNS = {
    "Skill (%)": st.column_config.NumberColumn(format="%.2f", help="1 − MSE / MSE of the random walk"),
    "p, Holm": st.column_config.TextColumn(alignment="right", help=f"{TESTED}; corrected for all models tried"),
    "MASE": st.column_config.NumberColumn(format="%.3f", help="MAE / in-sample MAE of the random walk"),
    "RMSE (%)": st.column_config.NumberColumn(format="%.3f"),
    "MAE (%)": st.column_config.NumberColumn(format="%.3f"),
    "p": st.column_config.TextColumn(alignment="right", help=TESTED),
}


def show(run: Run, result: CompareResult) -> None:
    """The verdict, the ranking, then what is behind it."""
    st.markdown(f"#### {result.verdict.text}")
    ranking, skills = st.columns([3, 2], gap="large")
    with ranking:
        st.subheader("Ranking", anchor=False)
        st.dataframe(ranking_table(result), hide_index=True, column_config=COLUMNS, key=f"ranking-{run.id}")
        st.caption(f"{result.splits.test.days:,} test days, scored once. {REFIT}")
    with skills:
        st.subheader("Skill against the random walk", anchor=False)
        skill(run, result, "skill")
    st.subheader("Forecasts against actual", anchor=False)
    _draw(run, result, forecast_chart(result, mode()), "Forecasts and actual values over the test period", "forecasts")
    prices, losses = st.columns(2, gap="large")
    with prices:
        st.subheader("Prices and periods", anchor=False)
        drawn = price_chart(result.days, result.close, result.splits, mode(), result.provenance.basis)
        _draw(run, result, drawn, f"Prices of {result.symbol} with training, validation and test marked", "prices")
    with losses:
        st.subheader("Training and validation loss", anchor=False)
        _draw(run, result, loss_curves(result, mode()), "Loss by training step for every variant and seed", "losses")


def skill(run: Run, result: CompareResult, key: str) -> None:
    _draw(run, result, skill_chart(result, mode()), "Skill of every model with its spread over seeds", key)


def _draw(run: Run, result: CompareResult, drawn: go.Figure, alt: str, key: str) -> None:
    chart(drawn, alt, f"{key}-{run.id}", f"gridcast-{result.symbol}-{key}")
    st.caption(plain(result.provenance.source))
