"""How a comparison came, model by model: what its screen showed while it ran, as stages that can be played."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core.rnn.compare.live.figures import plain_forecasts
from core.rnn.compare.live.replay import in_order, so_far_of
from core.rnn.compare.live.so_far import DAYS, SoFar
from core.rnn.compare.result import CompareResult
from core.rnn.models import capitalised_title
from core.rnn.words import true_minus
from core.runs.registry import Run
from pages.parts.layout import mode, side_by_side, table
from pages.parts.rnn.charts import draw
from pages.parts.rnn.compare_parts.so_far import ALT, HEIGHT
from pages.parts.stages import chosen_stage


def show(run: Run, result: CompareResult) -> None:
    """The ranking of the models up to a stage, beside the forecasts of the best of them."""
    models = in_order(result)
    stage = chosen_stage([capitalised_title(model) for model in models], "Model that is done")
    so_far = so_far_of(result, models[: stage + 1])
    ranking, forecasts = side_by_side(1, 1)
    with ranking:
        _ranking(run, so_far)
    with forecasts:
        draw(run, result, go.Figure(plain_forecasts(so_far, result.target_row, mode(), HEIGHT)), ALT, "came")
    seconds, words = sum(result.provenance.seconds.get(model, 0.0) for model in models[: stage + 1]), result.words
    last = f"{min(DAYS, len(so_far.days))} {result.bar}s"
    st.caption(
        f"After {stage + 1} of {len(models)} models, {seconds:.1f} s of fitting and forecasting. Skill by {words['loss']} "
        f"against {words['reference']}, over the whole test; the figure shows its last {last}."
    )


def _ranking(run: Run, so_far: SoFar) -> None:
    rows = so_far.ranking
    shown = rows[["model", "seeds"]].set_axis(["Model", "Seeds"], axis=1).assign(Model=rows["model"].map(capitalised_title))
    shown["Skill (%)"] = ["" if skill != skill else true_minus(f"{100 * skill:.2f}") for skill in rows["skill"]]
    right = st.column_config.TextColumn(alignment="right", width=90)
    table(shown, f"came-{run.id}", {"Skill (%)": right, "Seeds": st.column_config.NumberColumn(width=70)}, height=HEIGHT)
