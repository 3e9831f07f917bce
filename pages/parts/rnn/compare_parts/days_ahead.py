"""The group Ahead: one model's forecasts of the days after the last price, with intervals."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.forecast_figures import ahead_chart
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import ADVICE, ahead_table
from core.rnn.models import TITLES
from core.runs.registry import Run
from pages.parts.layout import mode
from pages.parts.rnn.charts import chosen_model, draw


def show(run: Run, result: CompareResult) -> None:
    model = chosen_model(result)
    st.subheader(f"The {result.bar}s after the last price", anchor=False)
    alt = f"Forecasts of the {TITLES[model]} for the {result.bar}s to come"
    draw(run, result, ahead_chart(result, model, mode()), alt, "ahead")
    st.table(ahead_table(result, model), border="horizontal", hide_index=True)
    intervals = "" if not result.target_row.has_intervals else " Intervals are adaptive."
    dates = " Days are those of the exchange's calendar." if result.bar == "day" else ""
    st.caption(f"{ADVICE}{intervals}{dates}")
