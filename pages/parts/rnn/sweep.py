"""The screen of a sweep: the progress of its tickers while it runs, then summary and figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from core.rnn.evaluation.metrics import METRICS
from core.rnn.models import capitalised_title
from core.rnn.sweep.figures import heat_map, spread
from core.rnn.sweep.request import SweepRequest
from core.rnn.sweep.result import SweepResult
from core.rnn.sweep.tables import row_table, variant_table
from core.runs.joint import STOPPED
from core.runs.lab import lab
from core.runs.live.blocks import Column, Look, TableBlock, TableColumn
from core.runs.live.snapshots import Snapshot
from core.runs.registry import Run
from core.system.dates import say_day
from pages.parts import controls
from pages.parts.follow import try_again
from pages.parts.layout import chart, explain, mode, plain, side_by_side, table
from pages.parts.progress import Rows
from pages.parts.rnn.charts import headline
from pages.parts.rnn.price_form import address_of
from pages.parts.rnn.refilled import forms
from pages.parts.screen import Screen

STRICTER = (
    "Control lets one in twenty of the stars be false, and counts the tests of this sweep alone. A ticker's own page lets none "
    "of its models, and of all trials on its days in this lab, be called better by chance: of a star it may say that nothing "
    "is sure."
)
HEIGHT = 330  # pixels of the table of tickers
LINK = st.column_config.LinkColumn("Ticker", display_text=r"(?:symbol|ticker)=([^&]+)", help="Opens the comparison")
PARTS = (TableColumn("Ticker", "link"), TableColumn("State"), TableColumn("Doing", wide=True), TableColumn("Done", "share"))


def _variant_columns(words: Mapping[str, str]) -> dict[str, Any]:
    beats = f"Tickers on which it beats {words['reference']} at 5 %, two-sided"
    return {
        "Median skill (%)": st.column_config.NumberColumn(format="%.2f", help=METRICS["skill"].said(words)),
        "Beats": st.column_config.NumberColumn(help=beats),
        "Beats after FDR control": st.column_config.NumberColumn(help="The same, false discoveries held at 5 % over all tests"),
        "Beats classical": st.column_config.TextColumn(
            alignment="right", help="Tickers on which a recurrent network beats the best classical model at 5 %"
        ),
        "Ranked first": st.column_config.NumberColumn(
            help="Tickers on which it has the lowest {loss} of all".format_map(words)
        ),
    }


def _row_columns(words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "Skill (%)": st.column_config.NumberColumn(format="%.2f", help=METRICS["skill"].said(words)),
        "Skill over best classical (%)": st.column_config.NumberColumn(
            format="%.2f", help=METRICS["skill_classical"].said(words)
        ),
        "p": st.column_config.TextColumn(alignment="right", help=METRICS["dm_p"].said(words)),
        "p, controlled": st.column_config.TextColumn(alignment="right", help="Corrected over all tickers and models"),
    }


def live(snapshot: Snapshot, look: Look) -> Rows:
    """The tickers of a sweep that is alive, and how far each is."""
    request = snapshot.run.request
    assert isinstance(request, SweepRequest)
    runs = lab().part_runs(request)
    rows = [
        [
            (one.symbol, _link(one.source, one.symbol, runs.get(one.symbol))),
            runs[one.symbol].state.value if one.symbol in runs else "",
            _doing(runs.get(one.symbol)),
            _share(runs.get(one.symbol)),
        ]
        for one in request.comparisons
    ]
    return ((Column([TableBlock("The tickers, and how far each is", HEIGHT, PARTS, rows)]),),)


def _doing(part: Run | None) -> str:
    return "" if part is None else part.phase if part.alive else part.headline or part.error


def _share(part: Run | None) -> float:
    return 0.0 if part is None else part.fraction if part.alive else 1.0


def _link(source: str, symbol: str, run: Run | None = None) -> str:
    """The URL of a ticker's comparison, with its run where this lab has it."""
    return f"./rnn?{address_of(source, symbol)}{f'&run={run.id}' if run else ''}"


def show(run: Run, result: SweepResult) -> None:
    """The summary, the heat map, the models, then every row."""
    headline(result.summary.text, end=". ")
    _failed(run, result)
    map_, models = side_by_side(3, 2)
    with map_:
        st.subheader("Skill by ticker and model", anchor=False)
        name = f"gridcast-sweep-{run.id}"
        chart(heat_map(result, mode()), "Skill of every model on every ticker as a heat map", f"map-{run.id}", f"{name}-map")
        st.caption(
            f"{plain(result.title.capitalize())}, by {result.words['loss']}. Blue is better than {result.words['reference']}, "
            "orange worse; * after control of false discoveries."
        )
        st.subheader("How often each wins", anchor=False)
        table(variant_table(result), f"variants-{run.id}", _variant_columns(result.words))
    with models:
        st.subheader("Models over all tickers", anchor=False)
        chart(spread(result, mode()), "Skill of every model, a dot a ticker", f"spread-{run.id}", f"{name}-models")
        st.subheader("Open a ticker", anchor=False)
        st.caption(STRICTER)
        table(_tickers(result), columns={"Ticker": LINK}, key=f"tickers-{run.id}")
    with controls.fold("Every test", key="tests") as unfolded:
        if unfolded:
            table(row_table(result), f"rows-{run.id}", _row_columns(result.words))
    explain(_explained(result), "How is this counted?")


def _tickers(result: SweepResult) -> pd.DataFrame:
    done = result.tickers[result.tickers["reason"] == ""]
    runs = lab().several(done["run"])
    return pd.DataFrame(
        {
            "Ticker": [_link(one.source, one.symbol, runs.get(one.run)) for one in done.itertuples()],
            "Lowest loss": [capitalised_title(model) for model in done["best"]],
            "From": [say_day(date.fromisoformat(day)) for day in done["first"]],
            "To": [say_day(date.fromisoformat(day)) for day in done["last"]],
        }
    )


def _failed(run: Run, result: SweepResult) -> None:
    """Tickers without a result, each with its reason, and a button to run them again."""
    failed = result.failed
    if failed.empty:
        return
    refused = failed[failed["reason"] != STOPPED]  # what was left out when it was stopped is told above
    reasons = "  \n".join(f"**{plain(one.symbol)}**: {plain(one.reason)}" for one in refused.itertuples())
    if reasons:
        st.warning(reasons, icon=":material/error:")
    again = set(failed["symbol"]) & set(run.request.parts)  # type: ignore[attr-defined]
    if again:
        try_again(run, bool(result.unfinished))


def _explained(result: SweepResult) -> str:
    summary = result.summary
    return (
        f"A test says that a model **beats** {result.words['reference']} when its {result.words['loss']} is lower and the test "
        f"gives $p < 0.05$, two-sided. If no model had any skill, 5 % of {summary.tests:,} tests would still be significant, "
        f"half of them worse: about {summary.by_chance:.1f} would look better. **Control** sorts all $m$ p-values and keeps "
        "the largest $k$ with $p_{(k)} \\le 0.05\\,k/m$ (Benjamini–Hochberg), so that of what remains no more than 5 % is "
        "expected to be false. It holds for positively dependent tests, as those of tickers in one market are. "
        f"Before control, {summary.worse:,} tests say that a model is worse than "
        f"{result.words['reference']}. Not investment advice."
    )


SCREEN = Screen(show=show, live=live, refill=forms.sweep)
