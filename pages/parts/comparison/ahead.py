"""Looking ahead: the next days by one model, with dates and intervals."""

from __future__ import annotations

import streamlit as st

from core.rnn.ahead import ADVICE
from core.rnn.compare import CompareResult
from core.rnn.forecast_figures import ahead_chart
from core.rnn.names import TITLES
from core.rnn.readable import ahead_table
from core.runs.registry import Run
from pages.parts.comparison.drawn import chosen_model, draw
from pages.parts.layout import mode


def show(run: Run, result: CompareResult) -> None:
    model = chosen_model(result)
    st.subheader("The days after the last price", anchor=False)
    draw(run, result, ahead_chart(result, model, mode()), f"Forecasts of the {TITLES[model]} for the days to come", "ahead")
    st.table(ahead_table(result, model), border="horizontal", hide_index=True)
    intervals = "" if result.target == "direction" else " Intervals are adaptive."
    st.caption(f"{ADVICE}{intervals} Days are those of the exchange's calendar.")
