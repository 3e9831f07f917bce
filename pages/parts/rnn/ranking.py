"""Who forecast best, how sure that is, and by how much."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.rnn.compare.overview_figures import skill_chart
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import ranking_table
from core.runs.registry import Run
from pages.parts.layout import mode
from pages.parts.rnn.charts import draw

TESTED = "small means better by more than chance, or worse where skill is below zero"


def _words(help: str) -> Any:
    return st.column_config.TextColumn(alignment="right", help=help)


COLUMNS = {
    "Model": st.column_config.TextColumn(pinned=True, width=170),
    "Skill (%)": st.column_config.NumberColumn(format="%.2f", help="1 − MSE / MSE of the random walk"),
    "p, Holm": _words(
        f"Diebold–Mariano against the random walk, corrected for all models, the validation days' best first: {TESTED}"
    ),
    "p, best classical": _words("Diebold–Mariano against the best classical model, not corrected"),
    "In the set": _words("Model confidence set: with 90 % confidence the best model is among these (Hansen et al. 2011)"),
    "R² (%)": st.column_config.NumberColumn(
        format="%.2f", help="Out of sample: 1 − MSE / MSE of the mean of the training days (Campbell & Thompson 2008)"
    ),
    "Direction (%)": _words("How often the direction was right, with Wilson's 95 % interval"),
    "CRPS (%)": st.column_config.NumberColumn(format="%.3f", help="How good the whole distribution was; lower is better"),
    "Coverage (%)": st.column_config.NumberColumn(format="%.1f", help="How often the 90 % interval held"),
    "Adaptive (%)": st.column_config.NumberColumn(
        format="%.1f", help="How often the adaptive 90 % interval held, which widens after misses (Gibbs & Candès 2021)"
    ),
    "First (%)": _words("Seeds in which it has the lowest error of all networks and the best classical model"),
    "RMSE (%)": st.column_config.NumberColumn(format="%.3f"),
    "MAE (%)": st.column_config.NumberColumn(format="%.3f"),
    "MASE": st.column_config.NumberColumn(format="%.3f", help="MAE / in-sample MAE of the random walk"),
    "p": _words(f"Diebold–Mariano against the random walk: {TESTED}"),
    "Causal": _words("Whether forecasts stayed the same to the last bit when the days after them were changed"),
}


def show(run: Run, result: CompareResult) -> None:
    st.subheader("Skill against the random walk", anchor=False)
    draw(run, result, skill_chart(result, mode()), "Skill of every model with its spread over seeds", "skill")
    st.subheader("Ranking", anchor=False)
    st.dataframe(ranking_table(result), hide_index=True, column_config=COLUMNS, key=f"ranking-{run.id}")
    st.caption(f"{result.splits.test.days:,} test {result.bar}s, scored once. {_fitted(result)}")


def _fitted(result: CompareResult) -> str:
    refit = result.provenance.refit
    fitted = "fitted once, before the test" if refit == "never" else f"fitted again {refit}"
    return f"Every forecast uses the {result.bar}s up to its origin; parameters are {fitted}."
