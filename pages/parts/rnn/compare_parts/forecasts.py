"""The group Forecasts: forecasts beside actual values, skill in each quarter of the test, and error by horizon."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.forecast_figures import fold_chart, forecast_chart, horizon_chart
from core.rnn.compare.result import CompareResult
from core.rnn.models import TITLES
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import mode, side_by_side
from pages.parts.rnn.charts import chosen_model_and_step, draw

RETURNS, PRICES = "Returns", "Prices"


def show(run: Run, result: CompareResult) -> None:
    model, step = chosen_model_and_step(result)
    st.subheader("Forecasts against actual", anchor=False)
    as_prices = result.target_row.is_return and step == 1 and _drawn_as() == PRICES
    drawn = forecast_chart(result, model, mode(), step=step, as_prices=as_prices)
    draw(run, result, drawn, f"Forecasts of the {TITLES[model]} and actual values over the test period", "forecasts")
    if as_prices:
        st.caption("The next price always lies close to the last one: look at the returns to see what was forecast.")
    if result.horizon == 1:
        _folds(run, result)
        return
    folds, horizons = side_by_side(1, 1)
    with folds:
        _folds(run, result)
    with horizons:
        st.subheader("By horizon", anchor=False)
        draw(run, result, horizon_chart(result, mode()), f"Error of the models by {result.bar}s ahead", "horizons")


def _folds(run: Run, result: CompareResult) -> None:
    st.subheader("Quarter by quarter", anchor=False)
    draw(run, result, fold_chart(result, mode()), "Skill of the models in each quarter of the test", "folds")


def _drawn_as() -> str:
    chosen = controls.segmented_control(
        "Drawn as", [RETURNS, PRICES], default=RETURNS, key="drawn", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    return chosen or RETURNS
