"""What the groups of a panel's screen share: figures under names of their own, choices that stand in the URL, and the numbers
of a figure as a file."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.made_once import made_once
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.panel.models import panel_model
from core.rnn.panel.result import PanelResult
from core.rnn.panel.views import losses_of, references
from core.runs.export import as_csv
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import chart

WIDTH = 300  # pixels of a choice
MODEL = 256  # pixels of a column of models: names are not cut


def draw(run: Run, drawn: go.Figure, alt: str, key: str) -> None:
    chart(drawn, alt, f"{key}-{run.id}", f"gridcast-panel-{run.id}-{key}")


def as_file(run: Run, table: pd.DataFrame, name: str) -> None:
    """A button that saves the numbers of what is shown."""
    content = _csv(table, name)
    file = f"gridcast-panel-{run.id}-{name}.csv"
    controls.download_button(
        "These numbers (CSV)", content, file, "text/csv", icon=":material/download:", on_click="ignore", type="tertiary",
        key=f"csv-{name}-{run.id}",
    )  # fmt: skip


@made_once
def _csv(table: pd.DataFrame, name: str) -> bytes:
    return as_csv("recurrent", {name: table})[f"{name}.csv"]


def chosen_loss(result: PanelResult) -> str:
    """The loss by which stored forecasts are judged; nothing is trained again."""
    titles = {LOSS_FUNCTIONS[name].title: name for name in losses_of(result)}
    if len(titles) == 1:
        return next(iter(titles.values()))
    return titles[
        controls.selectbox(
            "Loss", list(titles), key="loss", width=WIDTH,
            help="A view of the same forecasts; the first is the one that the verdict rests on",
        )
    ]  # fmt: skip


def chosen_reference(result: PanelResult, names: list[str] | None = None, key: str = "against") -> str:
    """The model that all others are compared with."""
    titles = {panel_model(name).capitalised_title: name for name in names or references(result)}
    return titles[controls.selectbox("Against", list(titles), key=key, width=WIDTH)]


def chosen_model(result: PanelResult, names: list[str], key: str, label: str = "Model") -> str:
    """One of these models; the best network of the validation days at first."""
    titles = {panel_model(name).capitalised_title: name for name in names}
    best = result.verdict.best_network
    index = names.index(best) if best in names else 0
    return titles[controls.selectbox(label, list(titles), index, key=key, width=WIDTH)]
