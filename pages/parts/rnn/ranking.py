"""Who forecast best, how sure that is, and by how much."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.overview_figures import skill_chart
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import ranking_table
from core.rnn.evaluation.metrics import METRICS
from core.runs.registry import Run
from pages.parts.layout import mode
from pages.parts.rnn.charts import columns, draw


def show(run: Run, result: CompareResult) -> None:
    st.subheader("Skill against the random walk", anchor=False)
    draw(run, result, skill_chart(result, mode()), "Skill of every model with its spread over seeds", "skill")
    st.subheader("Ranking", anchor=False)
    st.dataframe(ranking_table(result), hide_index=True, column_config=columns(METRICS), key=f"ranking-{run.id}")
    st.caption(f"{result.splits.test.days:,} test {result.bar}s, scored once. {_fitted(result)}")


def _fitted(result: CompareResult) -> str:
    refit = result.provenance.refit
    fitted = "fitted once, before the test" if refit == "never" else f"fitted again {refit}"
    return f"Every forecast uses the {result.bar}s up to its origin; parameters are {fitted}."
