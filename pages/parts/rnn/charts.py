"""What the groups of a comparison's screen share: charts with the source of their prices below, and the choice of a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.rnn.compare.result import CompareResult
from core.rnn.compare.valued_result import speaking_of
from core.rnn.evaluation.metric import Metric
from core.rnn.models import capitalised_title
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import chart
from pages.parts.words.glossary import with_meanings


def draw(run: Run, result: CompareResult, drawn: go.Figure, alt: str, key: str) -> None:
    chart(drawn, alt, f"{key}-{run.id}", f"gridcast-{result.symbol}-{key}")


def columns(metrics: Mapping[str, Metric[Any]], words: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Column formats and help of a table of models; `words` say what help speaks of, see `Metric.said`."""
    configs = {metric.heading: _column(metric, words or {}) for metric in metrics.values() if metric.title}
    return {"Model": st.column_config.TextColumn(pinned=True, width=170), **configs}


def _column(metric: Metric[Any], words: Mapping[str, str]) -> Any:
    said = metric.said(words) or None
    if metric.is_text:
        return st.column_config.TextColumn(alignment="right", help=said, width=142 if metric.interval else None)
    return st.column_config.NumberColumn(format=f"%.{metric.digits}f", help=said)


def headline(text: str, end: str = ": ") -> None:
    """What a verdict says as a heading, up to `end`; its numbers and further sentences below."""
    said, _, numbers = text.partition(end)
    headed(f"{said.removesuffix('.')}.", f"{numbers[0].upper()}{numbers[1:]}" if numbers else "")


def headed(said: str, below: str) -> None:
    """A heading and a text below it, with the meaning of terms."""
    said, [below] = with_meanings(said, [below], "recurrent")
    st.markdown(f"#### {said}")
    if below:
        st.markdown(below)


def chosen_model(result: CompareResult) -> str:
    """The model that the visitor chooses; at first the one that is judged: the best on the validation days."""
    titles = {capitalised_title(model): model for model in result.ranking["model"]}
    usual = speaking_of(result)
    title = controls.selectbox(
        "Model", list(titles), list(titles.values()).index(usual), key="model", width=320,
        help=f"At first the one that is judged, the best on the validation {result.bar}s; the others by error over the test",
    )  # fmt: skip
    return titles[title]


def chosen_step(result: CompareResult) -> int:
    """How many steps ahead; 1 without a slider where the comparison has no more."""
    if result.horizon == 1:
        return 1
    return int(controls.slider(f"{result.bar.capitalize()}s ahead", 1, result.horizon, key="ahead", width=320))


def chosen_model_and_step(result: CompareResult) -> tuple[str, int]:
    """The model and the step that the visitor chooses."""
    with st.container(horizontal=True, gap="large"):
        return chosen_model(result), chosen_step(result)
