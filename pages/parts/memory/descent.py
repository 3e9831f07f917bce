"""One step of gradient descent: a weight is picked, the lecture's formula has its numbers, and ten steps are played."""

from __future__ import annotations

import math

import streamlit as st

from core.rnn.dataset.splits import training_days
from core.rnn.memory.gradients.descent import Descent, LossAlong, Weight, descend, diverging_rate, weights_of
from core.rnn.memory.gradients.figures import CAPTION, descent_chart
from core.rnn.models import TITLES
from pages.parts import controls
from pages.parts.layout import chart, explain, mistakes_shown, mode
from pages.parts.memory.setting import Setting, opened
from pages.parts.task import report

RATES = [f"{float(f'{10 ** (tenth / 10):.2g}'):g}" for tenth in range(-20, 41)]  # ten a decade, 0.01 to 10,000
REACH = 2.5  # how far the curve reaches on both sides of the trained value
OFFSETS = 2.0
EXPLANATION = (
    r"Training changes every weight at once, by $W_{new} = W_{old} - \eta\,\partial L/\partial W$. Here all weights but one "
    "stay, so that the loss is a curve that can be drawn; $L$ is the mean over the last training days. Beside its trained "
    "value there is something to descend: a small $\\eta$ creeps, a larger one arrives at once, a still larger one jumps "
    "across the lowest point, and from twice the inverse curvature on each jump lands higher than the last: it diverges. The "
    "lab's own training uses Adam, which gives every weight a rate of its own, and clips the gradient."
)


@st.fragment
def show(setting: Setting) -> None:
    """The whole of it, as a fragment: a slider runs nothing else again."""
    picture, side = st.columns([3, 2], gap="large")
    with side:
        weight = _weight(setting)
        offset = controls.slider("Start beside its trained value by", -OFFSETS, OFFSETS, 1.0, 0.1, key="offset")
        rate = controls.select_slider("Learning rate η", RATES, "5", key="eta")
    with mistakes_shown():
        descent = _descent(setting.run.id, setting.model, setting.seed, setting.last_fit, weight, offset, float(rate))
    report({"eta": descent.rate, "diverges": descent.diverges, "new_weight": descent.new_value})
    with side:
        for formula in descent.formulas:
            st.latex(formula)
        if controls.toggle("Show the η from which it diverges", key="limit"):
            st.markdown(_limit(_diverging(setting.run.id, setting.model, setting.seed, setting.last_fit, weight, offset)))
    with picture:
        st.markdown(f"**{descent.text}**")
        alt = f"The loss of the {TITLES[setting.model]} along one weight, and ten steps of gradient descent"
        chart(descent_chart(descent, mode()), alt, "descent", f"gridcast-descent-{setting.run.id}")
        st.caption(CAPTION)
    explain(EXPLANATION)


def _weight(setting: Setting) -> Weight:
    """The parameter, row and column that the controls name; by default one of the output's, where the loss is simplest."""
    shapes = dict(weights_of(setting.networks.networks[setting.model, setting.seed]))
    names = list(shapes)
    usual = next(number for number, name in enumerate(names) if name.startswith("head") and len(shapes[name]) == 2)
    name = controls.selectbox("Weight", names, usual, key="weight")
    place = []
    for column, label, size in zip(st.columns(2, wrap=False), ("row", "column"), shapes[name], strict=False):
        if st.session_state.get(label, 1) > size:
            st.session_state[label] = size
        with column:
            place.append(controls.number_input(f"{label.capitalize()}, 1 to {size}", 1, size, 1, key=label) - 1)
    return Weight(name, tuple(place))


def _along(run_id: str, model: str, seed: int, last_fit: int, weight: Weight, offset: float) -> LossAlong:
    networks = opened(run_id)
    return LossAlong(networks.networks[model, seed], networks.series, training_days(last_fit), weight, offset)


@st.cache_data(max_entries=256, show_spinner=False)
def _descent(run_id: str, model: str, seed: int, last_fit: int, weight: Weight, offset: float, rate: float) -> Descent:
    return descend(_along(run_id, model, seed, last_fit, weight, offset), rate, REACH)


@st.cache_data(max_entries=256, show_spinner="Looking for it")
def _diverging(run_id: str, model: str, seed: int, last_fit: int, weight: Weight, offset: float) -> float:
    return diverging_rate(_along(run_id, model, seed, last_fit, weight, offset))


def _limit(rate: float) -> str:
    if math.isinf(rate):
        return "Along this weight no η up to a million diverges: the loss is all but flat."
    return f"From **η = {rate:.3g}** on, ten steps end higher than they began."
