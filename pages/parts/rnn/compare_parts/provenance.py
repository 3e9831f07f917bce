"""The group Provenance: prices and periods, learning curves, and the table of sources, splits and software."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.overview_figures import loss_curves, price_chart
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import provenance_table
from core.runs.registry import Run
from pages.parts.layout import mode, side_by_side
from pages.parts.rnn.charts import draw


def show(run: Run, result: CompareResult) -> None:
    prices, losses = side_by_side(1, 1) if len(result.curves) else (st.container(), None)
    with prices:
        st.subheader("Prices and periods", anchor=False)
        drawn = price_chart(
            result.days, result.close, result.splits, mode(), result.provenance.basis, result.provenance.currency
        )
        draw(run, result, drawn, f"Prices of {result.symbol} with training, validation and test marked", "prices")
    if losses:
        with losses:
            st.subheader("Training and validation loss", anchor=False)
            draw(run, result, loss_curves(result, mode()), "Loss by training step for every variant and seed", "losses")
    st.subheader("Provenance", anchor=False)
    st.table(provenance_table(result).set_index(""), border="horizontal", hide_header=True)
