"""The group Worth: what forecasts of volatility were worth to an investor, and to whoever must know the risk."""

from __future__ import annotations

import streamlit as st

from core.rnn.panel.models import panel_model
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import tail_risk_table, targeting_table
from core.rnn.panel.views import worth_of
from core.rnn.worth.many_tickers import TickersWorth
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import table
from pages.parts.rnn.charts import headline
from pages.parts.rnn.panel_parts.shared import as_file


def show(run: Run, result: PanelResult) -> None:
    worth = _worth(run.result, result)
    assert worth is not None  # the group is offered of volatility alone
    first, *others = worth.sentences
    headline(first)
    for sentence in others:
        st.markdown(sentence)
    st.subheader("Volatility targeting", anchor=False)
    table(targeting_table(worth), key=f"targeting-{run.id}")
    reference = panel_model(worth.reference).title
    st.caption(
        "Means over the tickers, after costs of 5 basis points a trade. Risk utility (Bollerslev, Hood, Huss & Pedersen 2018) "
        "is what keeping to a volatility by these forecasts is worth, 4 % a year with the true volatility of every day; its "
        f"gain on {reference} is tested on the mean over the tickers of each day."
    )
    as_file(run, worth.targeting, "targeting")
    if len(worth.tail):
        _tail(run, worth, reference)


def _tail(run: Run, worth: TickersWorth, reference: str) -> None:
    st.subheader("Value at risk and expected shortfall", anchor=False)
    levels = {f"{100 * level:g} %": float(level) for level in worth.tail["level"].unique()}
    first = next(iter(levels))
    chosen = controls.segmented_control(
        "Level", list(levels), default=first, key="level", label_visibility="collapsed", required=True
    )
    level = levels[chosen or first]
    table(tail_risk_table(worth, level), key=f"tail-{run.id}-{level}")
    st.caption(
        "By filtered historical simulation from each model's forecasts. Rejected: Christoffersen's conditional coverage, false "
        f"discoveries held at 5 %. FZ: the loss of Patton, Ziegel & Chen 2019; its gain is on {reference}."
    )
    as_file(run, worth.tail, "tail_risk")


@st.cache_resource(max_entries=16, show_spinner="Judging the risk of every ticker")
def _worth(digest: str | None, _result: PanelResult) -> TickersWorth | None:
    return worth_of(_result)
