"""The group Provenance: tickers, days, what to know of the data, and what each model learned from."""

from __future__ import annotations

import streamlit as st

from core.rnn.panel.request import PanelRequest
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import model_table, provenance_table
from core.rnn.prices.notes import in_plain_words
from core.rnn.prices.sources import SOURCES
from core.runs.registry import Run
from pages.parts.layout import plain, table
from pages.parts.rnn.panel_parts.shared import MODEL

COLUMNS = {
    "Model": st.column_config.TextColumn(width=MODEL),
    "Validation loss": st.column_config.NumberColumn(
        format="%.4f", help="Leading loss on the validation days, by which the best of each kind is chosen"
    ),
    "Seeds": st.column_config.TextColumn(alignment="right", help="Its row is the mean forecast of so many networks"),
    "Seconds": st.column_config.TextColumn(alignment="right"),
    "Causal": st.column_config.TextColumn(help="No forecast changed when later prices did, those of other tickers too"),
}


def show(run: Run, result: PanelResult) -> None:
    st.subheader("Data", anchor=False)
    st.table(provenance_table(result, _sources(run)).set_index(""), border="horizontal", hide_header=True)
    notes = [*in_plain_words(result.notes), *(f"{name}: {reason}" for name, reason in result.failed.items())]
    if notes:
        st.subheader("What to know of the tickers", anchor=False)
        st.markdown("\n".join(f"- {plain(note[:1].upper() + note[1:])}" for note in notes))
    st.subheader("Models", anchor=False)
    table(model_table(result), columns=COLUMNS, key=f"models-{run.id}")


def _sources(run: Run) -> str:
    request = run.request
    assert isinstance(request, PanelRequest)
    return ", ".join(dict.fromkeys(SOURCES[one.source].origin for one in request.data.tickers))
