"""The group Tickers: every model on every ticker, one model over the tickers, and tickers that a network never saw."""

from __future__ import annotations

import streamlit as st

from core.rnn.evaluation.significance import ALPHA
from core.rnn.panel.models import panel_model
from core.rnn.panel.result import PanelResult
from core.rnn.panel.ticker_figures import heat_map, ticker_chart, unseen_chart
from core.rnn.panel.views import on_tickers, standings, ticker_references, unseen_skills
from core.rnn.words import say_percent
from core.runs.registry import Run
from pages.parts.layout import mode, side_by_side
from pages.parts.rnn.panel_parts.shared import as_file, chosen_model, chosen_reference, draw


def show(run: Run, result: PanelResult) -> None:
    reference = chosen_reference(result, ticker_references(result), key="ticker_against")
    rival = panel_model(reference).title
    st.subheader("Every model on every ticker", anchor=False)
    draw(run, heat_map(result, reference, mode()), f"Skill of every model on every ticker against {rival}", "map")
    table = on_tickers(result, reference)
    better_than = panel_model(reference).in_sentence
    st.caption(
        f"Blue is better than {better_than}, orange worse; ● where that holds after control of false discoveries: of "
        f"{len(table):,} tests at {100 * ALPHA:.0f} %, {ALPHA * len(table):.0f} would be significant by chance alone."
    )
    as_file(run, table, "tickers")
    one, never = side_by_side(1, 1) if len(result.unseen) else (st.container(), None)
    with one:
        _one_model(run, result, reference)
    if never:
        with never:
            _unseen(run, result)


def _one_model(run: Run, result: PanelResult, reference: str) -> None:
    st.subheader("One model, ticker by ticker", anchor=False)
    ranked = standings(result, reference, result.verdict.loss)["model"].tolist()
    model = chosen_model(result, ranked, "ticker_model")
    alt = f"Skill of {panel_model(model).title} on every ticker with 95 % intervals"
    draw(run, ticker_chart(result, model, reference, mode()), alt, "dots")
    mine = on_tickers(result, reference).query("model == @model")
    better, surely = int((mine["skill"] > 0).sum()), int(mine["beats"].sum())
    st.caption(
        f"Better on {better} of {len(mine)} tickers, surely on {surely} (filled, after control of false discoveries). Lines: "
        "95 % intervals of each ticker's own test."
    )


def _unseen(run: Run, result: PanelResult) -> None:
    st.subheader("Held-out tickers", anchor=False)
    table = unseen_skills(result)
    model = panel_model(str(table["model"].iloc[0])).title
    without, with_it = (f"{int((table[name] > 0).sum())} of {len(table)}" for name in ("unseen", "seen"))
    skills = (say_percent(float(table[name].mean())) for name in ("unseen", "seen"))
    st.markdown(
        f"For every ticker one more {model} learned from the others alone. It beats the reference on {without} tickers that it "
        f"never saw; one that learned from them too, on {with_it}. Mean skill: {' and '.join(skills)}."
    )
    draw(run, unseen_chart(result, mode()), f"Skill of {model} by ticker, having learned from it or not", "unseen")
    as_file(run, table, "unseen")
