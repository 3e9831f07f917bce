"""The screen of memory: what the test says, connectivity by lag for a chosen variant, and its numbers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.rnn.memory.figures import (
    AGREEMENT,
    CONNECTIVITY,
    GRADIENT,
    PLACEBO,
    agreement_chart,
    connectivity_chart,
    gradient_chart,
)
from core.rnn.memory.result import MemoryResult
from core.rnn.models import TITLES, capitalised_title
from core.rnn.words import p_in_words
from core.runs.live.blocks import Look
from core.runs.live.snapshots import Snapshot
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import chart, explain, mode, plain, side_by_side, table
from pages.parts.progress import Rows
from pages.parts.rnn.refilled import forms
from pages.parts.screen import Screen
from pages.parts.stages import STAGE, stage_arrows
from pages.parts.words.glossary import explained

EXPLANATION = (
    r"**Connectivity** is the mean size of $\partial \hat y_t / \partial x_{t-k}$ over the test days: how far the forecast of "
    "day $t$ moves for a move $k$ days before, through the network and the running level in whose units it forecasts. Of an "
    r"autoregression it is $|\varphi_k|$. The **placebo** is the same network trained on the same days in shuffled order. It "
    "is connected to the days before, too, because a training fits some noise and the level is a memory of its own; so what is "
    "tested is what the order was worth: whether the forecasts of the test days follow what came better than those of all "
    "placebos. If the order says nothing, each order is as likely to come first, so $p$ is exact."
)


def show(run: Run, result: MemoryResult) -> None:
    st.markdown(explained(f"**{plain(result.verdict)}** {plain(result.reason)}", "recurrent"))
    titles = {capitalised_title(model): model for model in result.models}
    first = next(iter(titles))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = controls.segmented_control("Network", list(titles), default=first, key="network", required=True)
        inside = {"run": result.comparison, "memory": run.id, "show": "Memory"}
        st.page_link("memory.py", label="Look inside these networks", icon=":material/search:", query_params=inside)
    model = titles[chosen or first]
    name = f"gridcast-memory-{run.id}"
    alt = f"Connectivity of the {TITLES[model]} by lag, beside that of its placebos and the weights of linear models"
    chart(connectivity_chart(result, model, mode()), alt, f"connectivity-{run.id}", f"{name}-{model}")
    st.caption(f"{CONNECTIVITY} {PLACEBO}")
    held, numbers = side_by_side(1, 1)
    with held:
        chart(agreement_chart(result, mode()), AGREEMENT, f"agreement-{run.id}", name)
        st.caption(AGREEMENT)
    with numbers:
        table(memory_table(result))
    _backward(run, result)
    explain(EXPLANATION)


def _backward(run: Run, result: MemoryResult) -> None:
    """The gradient through time, where a variant reads day by day."""
    stages = list(dict.fromkeys(result.gradients["stage"]))
    if not stages:
        return
    st.subheader("Backward through time", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stage = controls.segmented_control(
            "Stage of the training", stages, default=stages[-1], key=STAGE, required=True
        ) or stages[-1]  # fmt: skip
        stage_arrows(stages, stage)
    alt = f"Size of the gradient of the loss by the states of the days before, at the {stage} of the training"
    drawn = gradient_chart(result.gradients[result.gradients["stage"] == stage], mode())
    chart(drawn, alt, f"gradient-{run.id}", f"gridcast-gradient-{run.id}-{stage}")
    st.caption(GRADIENT)
    own = result.stages[result.stages["stage"] == stage]
    rows = {
        "Network": [capitalised_title(model) for model in own["model"]],
        "Spectral radius": own["radius"].round(2),
        "Norm of the gradient": own["norm"].round(3),
        "Clipped at 1 by": [f"× {min(1.0, 1 / norm):.2f}" for norm in own["norm"]],
    }
    table(pd.DataFrame(rows))


def memory_table(result: MemoryResult) -> pd.DataFrame:
    """The test in numbers, a row a network."""
    variants = result.variants
    return pd.DataFrame(
        {
            "Network": [capitalised_title(model) for model in variants["model"]],
            "Half within (days)": variants["half_lag"],
            "Placebo": variants["placebo_half_lag"],
            "Peak (days)": variants["peak"],
            "p": [p_in_words(p) for p in variants["p"]],
            "More than chance": ["yes" if one else "no" for one in variants["more_than_chance"]],
        }
    )


def no_figure(snapshot: Snapshot, look: Look) -> Rows:
    """Nothing under the progress bar: the losses of hundreds of trainings say nothing."""
    return ()


SCREEN = Screen(show=show, live=no_figure, refill=forms.memory)
