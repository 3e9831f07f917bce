"""Backward through time: how far the gradient reaches at stages of the training, turned by hand, and what clipping does."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.rnn.memory.figures import GRADIENT, gradient_chart
from core.rnn.memory.gradients.backward import Backward, backward, can_go_back, gradient_table, scored_days, untrained
from core.rnn.memory.gradients.fading import fading_in_words
from core.rnn.memory.result import GRADIENTS, STAGES, MemoryResult
from core.rnn.models import TITLES, capitalised_title
from core.runs.lab import lab
from core.runs.registry import State
from pages.parts import controls
from pages.parts.layout import chart, explain, mistakes_shown, mode, side_by_side, table
from pages.parts.memory.memory import tested
from pages.parts.memory.setting import Setting, opened
from pages.parts.stages import STAGE, stage_arrows

NOW = ("beginning", "end")  # stages whose weights are there: those of the seed, and those that were stored
MIDDLE = "middle"
TRAINED = "as it is"
RADII = [TRAINED, *(f"{tenth / 10:.1f}" for tenth in range(1, 21))]
CLIPS = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0]
EXPLANATION = (
    r"$L$ is the loss of one day's forecast. Its gradient by earlier states comes through the recurrence alone: "
    r"$\frac{\partial L}{\partial h_{t-k}} = \frac{\partial L}{\partial h_t} \frac{\partial h_t}{\partial h_{t-1}} \cdots "
    r"\frac{\partial h_{t-k+1}}{\partial h_{t-k}}$. In a vanilla network each factor is $\mathrm{diag}(1 - h^2)\,W$: with a "
    "**spectral radius** of $W$ (the largest modulus of its eigenvalues) below 1 the product vanishes, far above 1 it may "
    "explode, until tanh is saturated and its slope is 0 (Bengio et al. 1994; Pascanu et al. 2013). Gates give an LSTM and a "
    "GRU a second way back, by sums, which does not pass through $W$. **Clipping** shortens a step whose gradient is longer "
    "than a bound and leaves its direction: it is a cure for exploding, not for vanishing."
)


@st.fragment
def show(setting: Setting) -> None:
    """The whole of it, as a fragment: a slider runs nothing else again."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stages = [NOW[0], MIDDLE, NOW[1]]
        stage = controls.segmented_control(
            "Stage of the training", stages, default=stages[-1], required=True, key=STAGE
        ) or stages[-1]  # fmt: skip
        stage_arrows(stages, stage)
        radius = controls.select_slider(
            "Spectral radius of the recurrent weights", RADII, TRAINED, key="radius", width=360,
            disabled=stage == MIDDLE, help="Scales the recurrent weights of every network to this radius; nothing is trained.",
        )  # fmt: skip
        clip = controls.select_slider("Clip the gradient at", CLIPS, 1.0, key="clip", width=240)
    computed = _middle(setting) if stage == MIDDLE else _computed(setting, stage, radius)
    if computed is None:
        st.info(
            "What the weights were in the middle of the training is kept by the test under Memory: it trains each network once "
            "more from its seed. The beginning and the end need no training."
        )
        return
    gradients, about = computed
    if gradients.empty:
        st.info("None of these networks goes from day to day; there is no way back through time.")
        return
    own = gradients[(gradients["model"] == setting.model) & (gradients["value"] == "h")]
    if len(own):
        st.markdown(f"**{fading_in_words(own['size'].to_numpy(), TITLES[setting.model])}**")
    picture, numbers = side_by_side(3, 2)
    with picture:
        alt = f"Size of the gradient of the loss by the states of the days before, at the {stage} of the training"
        chart(gradient_chart(gradients, mode(), setting.model), alt, "backward", f"gridcast-gradient-{setting.run.id}-{stage}")
        st.caption(GRADIENT)
    with numbers:
        _clipping(about, clip)
    explain(EXPLANATION)


def _computed(setting: Setting, stage: str, radius: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`GRADIENTS` and `STAGES` of all networks of the chosen seed, computed now."""
    with mistakes_shown():
        by_model = _live(setting.run.id, setting.seed, stage, None if radius == TRAINED else float(radius), setting.last_fit)
    about = pd.DataFrame([(model, stage, back.radius, back.weights) for model, back in by_model.items()], columns=list(STAGES))
    tables = [gradient_table(model, stage, back) for model, back in by_model.items()]
    return pd.concat(tables or [pd.DataFrame(columns=list(GRADIENTS))]), about


@st.cache_data(max_entries=256, show_spinner=False)
def _live(run_id: str, seed: int, stage: str, radius: float | None, last_fit: int) -> dict[str, Backward]:
    networks = opened(run_id)
    by_model = {}
    for (model, own), network in networks.networks.items():
        if own == seed and can_go_back(network):
            at_stage = untrained(network) if stage == NOW[0] else network
            days = scored_days(network, networks.series, last_fit)
            by_model[model] = backward(at_stage, networks.series, days, radius)
    return by_model


def _middle(setting: Setting) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """What a finished test has kept of the middle of the training, of the first seed."""
    run = tested(setting)
    if run is None or run.state is not State.DONE:
        return None
    result = lab().result(run)
    assert isinstance(result, MemoryResult)
    return tuple(table[table["stage"] == MIDDLE] for table in (result.gradients, result.stages))


def _clipping(about: pd.DataFrame, clip: float) -> None:
    """Norms before and after clipping."""
    st.markdown(f"**What clipping at {clip:g} does**")
    norm = about["norm"].to_numpy()
    after = norm.clip(max=clip)
    columns = {
        "Network": [capitalised_title(str(model)) for model in about["model"]],
        "Radius": about["radius"].round(2),
        "Norm before": norm,
        "after": after,
        "Step": [f"{100 * share:.1f} %" for share in after / norm],
    }
    numbers = {name: st.column_config.NumberColumn(format="%.3g") for name in ("Norm before", "after")}
    table(pd.DataFrame(columns), columns=numbers)
    st.caption("Norm of the gradient of the mean loss by all weights, and how long the step is that is left of it.")
