"""What the forecasts would have been worth: equity beside buy-and-hold, after costs."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare import CompareResult
from core.rnn.readable import performance_table
from core.rnn.trading_figures import equity_chart
from core.runs.registry import Run
from pages.parts.comparison.drawn import draw
from pages.parts.layout import mode


def show(run: Run, result: CompareResult) -> None:
    if len(result.equity):
        st.subheader("Equity, after costs", anchor=False)
        draw(run, result, equity_chart(result, mode()), "Equity of the best rules beside buy-and-hold", "equity")
    if len(result.performance):
        st.subheader("Rules", anchor=False)
        st.dataframe(performance_table(result), hide_index=True, key=f"performance-{run.id}")
        st.caption("Positions follow the forecast one day later. Not investment advice.")
