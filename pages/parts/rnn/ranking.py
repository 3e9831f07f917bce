"""The group Ranking: all models with their metrics and tests."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.overview_figures import drawn_metrics, metric_chart, skill_chart
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import leading_table, ranking_table
from core.rnn.evaluation.metrics import METRICS
from core.rnn.models import TITLES
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import mode, table
from pages.parts.rnn.charts import columns, draw


def show(run: Run, result: CompareResult) -> None:
    _figure(run, result)
    st.subheader(f"Ranking by {result.words['loss']}", anchor=False)
    table(leading_table(result), f"ranking-{run.id}", columns(METRICS, result.words), height="content")
    with controls.fold("Every metric", key="metrics") as unfolded:
        if unfolded:
            table(ranking_table(result), f"metrics-{run.id}", columns(METRICS, result.words), height="content")
    st.caption(f"{result.splits.test.days:,} test {result.bar}s, scored once. {_fitted(result)} {_chosen(result)}")
    if result.provenance.not_converged:
        st.caption(result.provenance.convergence)


def _figure(run: Run, result: CompareResult) -> None:
    """The skill, or another metric that the visitor chooses."""
    names = {METRICS["skill"].title: "skill"} | {METRICS[name].title: name for name in drawn_metrics(result)}
    heading, choice = st.columns([3, 1], vertical_alignment="bottom")
    with choice:
        name = names[controls.selectbox("Metric", list(names), key="metric")]
    metric = METRICS[name]
    heading.subheader(f"Skill against {result.words['reference']}" if name == "skill" else metric.title, anchor=False)
    if name == "skill":
        draw(run, result, skill_chart(result, mode()), "Skill of every model with its spread over seeds", "skill")
        bold = f"Bold: better than {result.words['reference']} by more than chance, after correction"
        none = "" if result.verdict.winners else "; no model is"
        st.caption(f"Mark: the committee of all seeds; line: from the worst to the best single seed. {bold}{none}.")
        return
    draw(run, result, metric_chart(result, name, mode()), f"{metric.title} of every model", name)
    st.caption(f"{metric.said(result.words)}.")


def _fitted(result: CompareResult) -> str:
    refit = result.provenance.refit
    fitted = "fitted once, before the test" if refit == "never" else f"fitted again {refit}"
    return f"Every forecast uses the {result.bar}s up to its origin; parameters are {fitted}."


def _chosen(result: CompareResult) -> str:
    """Which models are best on the validation days; empty for results of earlier versions."""
    groups = {"network": "the recurrent networks", "classical": "the classical models"}
    best = [f"{TITLES[result.chosen[name]]} of {title}" for name, title in groups.items() if name in result.chosen]
    return f"Best on the validation {result.bar}s: {', '.join(best)}." if best else ""
