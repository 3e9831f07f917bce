"""The panel on gradients: the fields ∂V/∂x and ∂V/∂y, and the dead zone where both are 0."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.stn.geometry.pixels import to_grey
from core.stn.geometry.warping import Bend, Sampling
from core.stn.warp import figures as warp_figures
from core.stn.warp.gradient_field import STEP, Fields, fields, input_weights
from pages.parts.layout import chart, explain, mode
from pages.parts.task import report
from pages.parts.warp.state import Setting

SIDE = 96  # output pixels along the long side: the whole field at once, in good time

EXPLAINED = """Eq. 7 of the paper:
$\\partial V_i / \\partial x_i^s = \\sum_n \\sum_m U_{nm}\\, k'(x_i^s - m)\\, k(y_i^s - n)$.
These are the arrows that pull θ while a network learns.

The **bilinear** kernel has a kink at every pixel centre. Between centres V is a straight line, so on a centre it has two slopes
and no gradient; the one towards larger x is taken. On the row 0, 1, 4, 9, 16 the identity grid sits on every kink, and the
gradient is 1, 3, 5, 7, where central differences say 2, 4, 6.

The **integer** kernel is flat between its jumps: through it nothing is learned at all.

**Outside** the picture all neighbours are one and the same pixel, or none. In that dead zone no small change of θ is seen, so a
grid that has left the picture never finds back. A broad **Gaussian** sees farther.
"""


def show(setting: Setting) -> None:
    width, height = setting.size
    scale = min(1.0, SIDE / max(width, height))
    shape = (max(1, round(height * scale)), max(1, round(width * scale)))
    gradients = _fields(to_grey(setting.picture.pixels), setting.theta, shape, setting.sampling)
    report({"dead": 100 * float(gradients.dead.mean())})
    reach = float(np.quantile(np.abs([gradients.by_x, gradients.by_y]), 0.995)) or 1.0
    for column, values, axis in zip(st.columns(2), (gradients.by_x, gradients.by_y), "xy", strict=True):
        with column:
            figure = warp_figures.gradient_field(values, gradients.dead, reach, f"∂V/∂{axis}, grey levels per pixel", mode())
            chart(figure, f"The gradient of every output pixel along {axis}", f"field_{axis}")
    st.markdown(_in_words(gradients))
    picture, words = st.columns([1, 1], vertical_alignment="center")
    weights = _weights(setting.theta, (height, width), setting.sampling)
    with picture:
        figure = warp_figures.input_weights(weights, mode())
        chart(figure, "How much every pixel of the input counts in the output", "input_weights")
    words.markdown(
        "The other gradient, eq. 6: $\\sum_i \\partial V_i / \\partial U_{nm}$, how much each **input** pixel counts in the "
        f"whole output. **{100 * (np.mean(np.abs(weights) < 1e-9)):.0f} %** of the input is not read at all: nothing is "
        "learned from it, "
        "and no gradient reaches the layer that made it."
    )
    explain(EXPLAINED, "Why the bilinear gradient is one-sided, and what the dead zone does", key="why")


@st.cache_data(max_entries=16, show_spinner=False)
def _fields(grey: np.ndarray, theta: np.ndarray, shape: tuple[int, int], sampling: Sampling) -> Fields:
    return fields(grey, Bend(theta, *shape), sampling)


@st.cache_data(max_entries=16, show_spinner=False)
def _weights(theta: np.ndarray, shape: tuple[int, int], sampling: Sampling) -> np.ndarray:
    return input_weights(Bend(theta, *shape), sampling)


def _in_words(gradients: Fields) -> str:
    dead = f"**{100 * gradients.dead.mean():.0f} %** of the output lies in the dead zone (grey): "
    dead += "both gradients are exactly 0 there."
    if not gradients.compared:
        return dead
    words = (
        f"{dead} Against finite differences of the sampler (a step of {STEP:g} px) the closed form is off by at most "
        f"**{gradients.difference:.1g}** grey levels per pixel, on {100 * gradients.compared:.1f} % of the samples"
    )
    return f"{words}." if gradients.compared == 1 else f"{words}; in the others the step leads across a jump of the kernel."
