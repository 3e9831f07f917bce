"""Where a model is wrong: its residuals, and how often its intervals hold."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare import CompareResult
from core.rnn.error_figures import coverage_chart, residual_chart
from core.rnn.names import TITLES
from core.runs.registry import Run
from pages.parts.comparison.drawn import chosen_model, chosen_step, draw
from pages.parts.layout import mode


def show(run: Run, result: CompareResult) -> None:
    model, step = chosen_model(result), chosen_step(result)
    st.subheader("Residuals", anchor=False)
    drawn = residual_chart(result, model, mode(), step)
    draw(run, result, drawn, f"Actual minus forecast of the {TITLES[model]} over the test, and their distribution", "residuals")
    if len(result.bands):
        st.subheader("Coverage of the 90 % interval", anchor=False)
        drawn = coverage_chart(result, model, mode(), step)
        draw(run, result, drawn, f"Coverage of the intervals of the {TITLES[model]} over time", "coverage")
