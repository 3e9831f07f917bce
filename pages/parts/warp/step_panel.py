"""The panel on one training step: forward and back through grid and sampler, stage by stage, by buttons and arrow keys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import streamlit as st

from core.stn.geometry.families import FamilyName
from core.stn.geometry.kernels import KERNELS
from core.stn.geometry.kinds import kind_of
from core.stn.geometry.pixels import shrunk
from core.stn.geometry.warping import Sampling
from core.stn.warp.step_figures import STAGES
from core.stn.warp.training_step import LONGEST, TrainingStep, training_step
from pages.parts import controls
from pages.parts.layout import chart, explain, mistakes_shown, mode, side_by_side, table
from pages.parts.stages import chosen_stage
from pages.parts.task import report
from pages.parts.warp.state import Setting, keep
from pages.parts.warp.theta_panel import matrix

INPUT = next(iter(STAGES))
RATE = "0.02"  # at 0.03 the astronaut, turned by 5°, swings and never arrives
RATES = ["0.01", RATE, "0.03", "0.1", "0.3", "1", "3", "10"]
WALK, TAKEN, SERIES = "walk", "step_taken", "steps_taken"
EXPLAINED = """What training does once for every batch, on one picture. There is no localisation network here: the numbers of θ
are the weights themselves, and the target is the picture as it is, so that the loss is smallest where the grid lies still. With
a network in front, ∂L/∂θ would be handed on to its weights by the same rule.

The gradient looks only at neighbouring pixels: far from the answer the arrows pull this way and that, and one step leads
downhill but not always home. Start near the identity to see it arrive: the astronaut, turned by 5° and no more, in some 30
steps of η = 0.02. On pictures with less contrast the gradient is smaller, and a larger η arrives sooner; too large a one
swings to and fro, and the loss rises. Take the *integer* kernel, or shift the grid out of the picture, to see that nothing is
left to learn from.
"""


def _digits(loss: float) -> str:
    """To four significant digits, however small it is."""
    return np.format_float_positional(loss, precision=4, unique=False, fractional=False, trim="k")


@dataclass(frozen=True)
class Taken:
    """The steps taken one after the other: how many, and the loss before the first, before the last, and after it."""

    steps: int
    first: float
    before: float
    after: float
    setting: str  # that they led to; another θ, picture or sampler ends the series

    @property
    def words(self) -> str:
        steps = f"{self.steps} {'step' if self.steps == 1 else 'steps'} taken"
        told = f"**{steps}**: loss {_digits(self.first)} → {_digits(self.after)}"
        if self.after > self.before:
            last = f", from {_digits(self.before)}" if self.steps > 1 else ""
            return f"{told}; the last one **rose**{last}: η is too large"
        return told


@st.fragment
def show(setting: Setting) -> None:
    """The whole of it, as a fragment: a stage runs nothing else again."""
    if st.session_state.pop(TAKEN, False):
        st.rerun()
    with controls.starting(), st.container(horizontal=True, vertical_alignment="bottom"):
        rate = float(controls.select_slider("Learning rate η", RATES, RATE, key="eta", width=240))
        with mistakes_shown():
            step = _step(setting, rate)
        controls.button(
            "Take the step", key="take_step", on_click=_take, args=(step, setting), icon=":material/arrow_downward:",
            help="θ becomes the new θ: press again to go on",
        )  # fmt: skip
        st.markdown(loss_in_words(step, _taken(setting)))
    stage = list(STAGES)[chosen_stage(list(STAGES), "Stage of the step", WALK, first=True)]
    st.markdown(" → ".join(f"**:primary[{name}]**" if name == stage else name for name in STAGES))
    report({"loss_before": step.loss, "loss_after": step.new_loss})
    picture, words = side_by_side(3, 2)
    draw, alt = STAGES[stage]
    with picture:
        chart(draw(step, mode()), alt, "step", f"gridcast-step-{list(STAGES).index(stage) + 1}")
    with words:
        WORDS[stage](step, setting)
    explain(EXPLAINED, "What one step can know", key="why")


def _take(step: TrainingStep, setting: Setting) -> None:
    """θ becomes the new θ. The input alone never changes: from there the last stage is shown, where both thetas are seen."""
    before = _taken(setting)
    keep(step.new_theta)
    steps, first = (before.steps, before.first) if before else (0, step.loss)
    st.session_state[SERIES] = Taken(steps + 1, first, step.loss, step.new_loss, _named(setting))
    st.session_state[TAKEN] = True
    if st.session_state.get(WALK, INPUT) == INPUT:
        st.session_state[WALK] = list(STAGES)[-1]


def _taken(setting: Setting) -> Taken | None:
    """The steps that led to the θ that is shown; None where something else did."""
    taken: Taken | None = st.session_state.get(SERIES)
    return taken if taken and taken.setting == _named(setting) else None


def _named(setting: Setting) -> str:
    return f"{st.session_state.theta_read} {setting.family} {setting.picture.name} {setting.sampling}"


def loss_in_words(step: TrainingStep, taken: Taken | None) -> str:
    """The loss before and after the step that is shown, behind what the steps before it came to."""
    change = "**rises**: η is too large" if step.new_loss > step.loss else "falls" if step.new_loss < step.loss else "stays"
    shown = f"loss {_digits(step.loss)} → {_digits(step.new_loss)}, it {change}"
    return f"{taken.words}.  \nThe next: {shown}." if taken else f"This step: {shown}."


def _step(setting: Setting, rate: float) -> TrainingStep:
    small, theta = shrunk(setting.picture.pixels, LONGEST), setting.theta
    return _kept(
        small.tobytes(), small.shape, theta.tobytes(), theta.shape, setting.family, setting.sampling, rate
    )  # fmt: skip


@lru_cache(maxsize=16)
def _kept(
    pixels: bytes,
    size: tuple[int, ...],
    theta: bytes,
    shape: tuple[int, ...],
    family: FamilyName,
    sampling: Sampling,
    rate: float,
) -> TrainingStep:
    picture = np.frombuffer(pixels, np.uint8).reshape(size).copy()
    return training_step(picture, np.frombuffer(theta, np.float64).reshape(shape).copy(), family, sampling, rate)


def _input(step: TrainingStep, _: Setting) -> None:
    height, width = step.image.shape
    st.markdown(
        f"**The input** $U$, {width} × {height} pixels, grey levels 0 to 1. It is the target as well: what $V$ should become."
    )


def _theta(step: TrainingStep, setting: Setting) -> None:
    st.markdown(f"**θ**, the {len(step.names)} numbers of the family {setting.family}: the weights of this step.")
    if kind_of(step.theta).handles:
        table(pd.DataFrame({"θ": step.names, "value": step.numbers.round(4)}), height=300)
    else:
        st.latex(rf"\small \theta = {matrix([[f'{number:.4f}' for number in row] for row in step.theta + 0.0])}")


def _grid(step: TrainingStep, _: Setting) -> None:
    x, y = step.grid[0, 0]
    st.markdown(
        "**The sampling grid** $T_\\theta(G)$: $G$ is the regular grid of the output's pixels, and $T_\\theta$ says for "
        f"each of these {step.output.size:,} where it looks."
    )
    st.latex(r"\small \binom{x_i^s}{y_i^s} = T_\theta(G_i), \qquad G_i = \binom{x_i^t}{y_i^t}")
    st.markdown(f"The first output pixel, top left, looks at ({x:.3f}, {y:.3f}); ±1 are the edges of the input.")


def _sample(step: TrainingStep, setting: Setting) -> None:
    st.markdown(f"**The sample** $V$: the input read at each point of the grid, {KERNELS[setting.sampling.kernel].title}.")
    st.latex(r"\small V_i = \sum_n \sum_m U_{nm}\, k(x_i^s - m)\, k(y_i^s - n)")


def _loss(step: TrainingStep, _: Setting) -> None:
    st.markdown("**The loss**: how far $V$ is from the target on average; bright where the difference is large.")
    st.latex(rf"\small L = \frac{{1}}{{N}} \sum_i \left(V_i - U_i\right)^2 = {_digits(step.loss)}")


def _by_output(step: TrainingStep, _: Setting) -> None:
    st.markdown("**Back, first step**: where $V$ is too bright the gradient is positive, where it is too dark negative.")
    st.latex(r"\small \frac{\partial L}{\partial V_i} = \frac{2}{N} \left(V_i - U_i\right)")
    st.markdown(f"The largest is {np.abs(step.by_output).max():.1e}: of {step.output.size:,} pixels each counts a little.")


def _by_grid(step: TrainingStep, _: Setting) -> None:
    still = float((np.abs(step.by_grid).max(axis=-1) < 1e-15).mean())
    st.markdown(
        "**Back, through the sampler** (eq. 7): each point of the grid has two numbers, how the loss changes as it moves to "
        "the right and down. The arrows show the way downhill, $-\\partial L / \\partial T_\\theta(G)$, added up in blocks."
    )
    st.latex(
        r"\small \frac{\partial L}{\partial x_i^s} = \frac{\partial L}{\partial V_i}"
        r" \sum_n \sum_m U_{nm}\, k'(x_i^s - m)\, k(y_i^s - n)"
    )
    st.markdown(f"At **{100 * still:.0f} %** of the points both are exactly 0.")


def _by_numbers(step: TrainingStep, _: Setting) -> None:
    st.markdown("**Back, through the grid generator**: all arrows are added up, each as far as θ moves its point.")
    st.latex(
        r"\small \frac{\partial L}{\partial \theta_k} = \sum_i \frac{\partial L}{\partial x_i^s}"
        r" \frac{\partial x_i^s}{\partial \theta_k}"
        r" + \frac{\partial L}{\partial y_i^s} \frac{\partial y_i^s}{\partial \theta_k}"
    )
    table(table_of(step)[["θ", "∂L/∂θ", "by differences"]].round(6))
    st.caption(f"Autograd and finite differences of the whole loss differ by at most {step.difference:.0e} of the largest.")


def _new(step: TrainingStep, _: Setting) -> None:
    st.markdown("**The step**, against the gradient:")
    st.latex(rf"\small \theta_{{new}} = \theta - \eta\, \frac{{\partial L}}{{\partial \theta}}, \qquad \eta = {step.rate:g}")
    table(table_of(step)[["θ", "before", "∂L/∂θ", "after"]].round(4))
    rises = step.new_loss > step.loss
    change = "rises" if rises else "falls" if step.new_loss < step.loss else "stays"
    why = "; the step is too long" if rises else ""
    st.markdown(f"The loss {change}: **{_digits(step.loss)} → {_digits(step.new_loss)}**{why}.")


def table_of(step: TrainingStep) -> pd.DataFrame:
    """The numbers of θ, a row each."""
    return pd.DataFrame({
        "θ": step.names, "before": step.numbers, "∂L/∂θ": step.by_numbers, "by differences": step.by_difference,
        "after": step.new_numbers,
    })  # fmt: skip


WORDS = dict(zip(STAGES, (_input, _theta, _grid, _sample, _loss, _by_output, _by_grid, _by_numbers, _new), strict=True))
