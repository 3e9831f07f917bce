"""The group Errors: residuals of a model, correlation with the last value, and coverage of its intervals."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.error_figures import (
    LAGS_IN_WORDS,
    RELIABILITY_IN_WORDS,
    coverage_chart,
    lag_chart,
    quantile_chart,
    reliability_chart,
    residual_chart,
    residual_lag_chart,
)
from core.rnn.compare.result import CompareResult
from core.rnn.evaluation.diagnostics import following, ljung_box
from core.rnn.evaluation.significance import ALPHA
from core.rnn.models import TITLES, capitalised_title
from core.rnn.words import say_p
from core.runs.registry import Run
from pages.parts.layout import mode, side_by_side
from pages.parts.rnn.charts import chosen_model_and_step, draw
from pages.parts.words.glossary import explained


def show(run: Run, result: CompareResult) -> None:
    model, step = chosen_model_and_step(result)
    if result.target_row.is_probability:
        _reliability(run, result, model)
    st.subheader("Residuals", anchor=False)
    drawn = residual_chart(result, model, mode(), step)
    draw(run, result, drawn, f"Actual minus forecast of the {TITLES[model]} over the test, and their distribution", "residuals")
    st.caption(_left_over(result, model))
    left, right = side_by_side(1, 1)
    with left:
        drawn = residual_lag_chart(result, model, mode())
        draw(run, result, drawn, f"Autocorrelation of the errors of the {TITLES[model]}, by lag", "residual-lags")
        st.caption("The pale band holds 95 % of chance correlations. Volatile weeks alone can lead outside it.")
    with right:
        drawn = quantile_chart(result, model, mode())
        draw(run, result, drawn, f"Quantiles of the errors of the {TITLES[model]} over normal ones", "quantiles")
        st.caption("On the dashed line errors are normal; steeper ends are fat tails: large errors are more frequent.")
    st.subheader(f"Is it a copy of the {result.bar} before?", anchor=False)
    st.markdown(explained(following(result.forecasts, model).text(capitalised_title(model), result.bar), "recurrent"))
    drawn = lag_chart(result, model, mode())
    draw(run, result, drawn, f"Correlation of forecast changes of the {TITLES[model]} with actual ones, by lag", "lags")
    st.caption(LAGS_IN_WORDS)
    if len(result.bands):
        st.subheader("Coverage of the 90 % interval", anchor=False)
        drawn = coverage_chart(result, model, mode(), step)
        draw(run, result, drawn, f"Coverage of the intervals of the {TITLES[model]} over time", "coverage")


def _reliability(run: Run, result: CompareResult, model: str) -> None:
    st.subheader("Reliability diagram", anchor=False)
    drawn = reliability_chart(result, model, mode())
    draw(run, result, drawn, f"How often it rose over the probability that {TITLES[model]} forecast", "reliability")
    st.caption(RELIABILITY_IN_WORDS)


def _left_over(result: CompareResult, model: str) -> str:
    """Whether errors are correlated with those before them."""
    p = float(ljung_box(result.forecasts[result.forecasts["model"] == model])["p"].median())
    if p != p:
        return ""
    if p >= ALPHA:
        return f"Errors up to ten {result.bar}s apart show no correlation (Ljung–Box test, {say_p(p)})."
    return (
        f"Errors up to ten {result.bar}s apart look correlated (Ljung–Box test, {say_p(p)}). A few volatile weeks are enough "
        "for that; whether another model forecasts part of them is what the ranking tests."
    )
