"""A finished straighten run: score, examples, the photo while the network learned, errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.made_once import made_once
from core.runs.conclusion import in_words
from core.runs.registry import Run
from core.runs.request import Request
from core.stn.drawing.grid_overlay import grid_on, margined
from core.stn.drawing.losses import loss_curve
from core.stn.straighten.exam.in_words import off_by, score_in_words, trials_in_words, while_it_learned
from core.stn.straighten.figures import (
    PartName,
    errors_before_and_after,
    parts_of,
    recovered_against_applied,
    recovered_by_photo,
)
from core.stn.straighten.live_figures import error_so_far, path_of_theta
from core.stn.straighten.result import StraightenResult
from core.theme import Mode
from pages.parts import controls
from pages.parts.divider.divider import divider
from pages.parts.layout import chart, mode, plain, side_by_side
from pages.parts.layout import picture as draw
from pages.parts.runs.conclusion import Instead, concluded
from pages.parts.serving.fragments import fragment
from pages.parts.stages import after_seconds, chosen_stage
from pages.parts.task import report

SHOWN = 4  # examples in a row


def show(run: Run, result: StraightenResult) -> None:
    """An example, before and after; the score in words."""
    concluded(run, result, instead=learned_on(run, result))
    one_example(run, result)
    not_upright_warning(result.not_upright)


def learned(run: Run, result: StraightenResult) -> None:
    """Examples; the recorded photo, and theta, while the network learned; what it recovered, and its errors."""
    examples(result)
    left, right = side_by_side(1, 1)
    with left:
        learning(run, result)
    with right:
        st.subheader("θ while the network learned", anchor=False)
        words = "What the network says had been done to this photo while it learned, beside what was done"
        chart(path(result, mode()), words, f"path-{run.id}", f"path-{run.id}")
    recovered(run, result)
    errors(run, result)


def learned_on(run: Run, result: StraightenResult) -> Instead:
    """A next step that goes on from the weights of this run."""

    def request(change: Mapping[str, Any]) -> Request:
        from pages.parts.stn.straighten_use import continued  # here, so that this module loads without torch

        return continued(run, result, change["budget"])

    return Instead(lambda change: f"Learn on for {in_words(change['budget'])}", request)


def not_upright_warning(sentences: Sequence[str]) -> None:
    """Which photos to learn from seem not to stand upright, if there are any."""
    if sentences:
        words = f"{'. '.join(map(plain, sentences))}. A network lays photos as those lie that it learns from: turn them first."
        st.warning(words, icon=":material/screen_rotation:")


@made_once
def given(result: StraightenResult, number: int, mode: Mode) -> np.ndarray:
    """An example, distorted, with the grid that the network predicts."""
    return grid_on(result.distorted[str(number)], result.example_thetas[number], mode)


@made_once
def answer(result: StraightenResult, number: int, mode: Mode) -> np.ndarray:
    """The same example, straightened."""
    return margined(result.straightened[str(number)], mode)


@made_once
def before_and_after(result: StraightenResult, number: int, mode: Mode) -> np.ndarray:
    """Both, one above the other."""
    return np.concatenate([given(result, number, mode), answer(result, number, mode)])


@made_once
def filmed(result: StraightenResult, stage: int, mode: Mode) -> np.ndarray:
    """The recorded photo, distorted, with the grid that the network predicts at a stage."""
    return grid_on(result.film_distorted, result.film_thetas[stage], mode)


@made_once
def film(result: StraightenResult, stage: int, mode: Mode) -> np.ndarray:
    """The recorded photo as it is straightened at a stage."""
    return margined(result.film[stage], mode)


@made_once
def path(result: StraightenResult, mode: Mode) -> go.Figure:
    return path_of_theta(result.path, result.applied, mode, 360)


@made_once
def losses(result: StraightenResult, mode: Mode) -> go.Figure:
    return loss_curve(result.loss_steps, result.loss, "photometric loss", mode, True, result.went_on)


@fragment
def one_example(run: Run, result: StraightenResult) -> None:
    """A photo that was distorted at random, before and after, and the score beside it."""
    shown, words = st.columns([3, 2], gap="large")
    captions = _captions(result)
    with words:
        number = 0
        if len(captions) > 1:
            numbers = list(range(len(captions)))
            chosen = controls.segmented_control(
                "Example", numbers, default=0, format_func=lambda one: str(one + 1), key="example", required=True
            )
            number = chosen or 0
        st.markdown(score_in_words(result))
        st.caption(trials_in_words(result))
    name, caption = captions[number]
    alts = f"{name}, distorted, with the grid that the network predicts", f"{name}, as the network straightens it"
    with shown:
        drawn = given(result, number, mode()), answer(result, number, mode())
        divider(f"divider-{run.id}", *drawn, alts, f"{name}. {caption}")


def examples(result: StraightenResult) -> None:
    """Inputs with the sampling grid upon them above their straightened outputs."""
    with st.grid(SHOWN, min_column_width=150):
        for number, (name, words) in enumerate(_captions(result)):
            alt = f"{name}, distorted, with the grid that the network predicts; below, as the network straightens it"
            draw(before_and_after(result, number, mode()), alt, words)


@made_once
def _captions(result: StraightenResult) -> list[tuple[str, str]]:
    """Of the examples, each with the name of its photo."""
    captions = []
    for trial in result.trials.head(SHOWN).itertuples():
        words = f"Turned by {trial.applied_deg:.1f}°. The network says {trial.recovered_deg:.1f}°."
        if not result.turns:
            words = f"Off by {trial.grid_error_before:.1f} % before, by {trial.grid_error_after:.2f} % after."
        if "belief" in result.trials:
            words += f" Believed to {100 * trial.belief:.0f} %."
        captions.append((trial.name, words))
    return captions


@fragment
def learning(run: Run, result: StraightenResult) -> None:
    """One fixed distorted photo at every stage of the training."""
    st.subheader("One photo while the network learned", anchor=False)
    stage = chosen_stage(after_seconds(result.film_seconds))
    after = f"after {result.film_seconds[stage]:.1f} s"
    words = after
    if result.turns:
        report({"stage_error": result.stage_errors[stage]})
        words = f"{after}: {off_by(result.stage_errors[stage])}"
    before, now = st.columns(2)
    with before:
        alt, given = "The distorted photo with the predicted grid", "what it is given, and where it looks"
        draw(filmed(result, stage, mode()), alt, given, f"film-{run.id}-given")
    with now:
        draw(film(result, stage, mode()), f"The photo as straightened {after}", words, f"film-{run.id}-{stage}")


@fragment
def recovered(run: Run, result: StraightenResult) -> None:
    """What was recovered in the trials against what was applied, and how it is distributed."""
    names = parts_of(result)
    given = controls.segmented_control(
        "Part of θ", names, default=names[0], key="part", label_visibility="collapsed", required=True
    )
    name: PartName = given or names[0]
    against, often = side_by_side(1, 1)
    with against:
        st.subheader(f"Recovered against applied {'angle' if name == 'turn' else name}", anchor=False)
        alt = "Scatter of recovered against applied values"
        chart(recovered_against_applied(result, mode(), name), alt, f"angles-{run.id}", f"angles-{run.id}")
    with often:
        st.subheader("Distribution of predicted values, photo by photo", anchor=False)
        alt = "Histogram of recovered values, photo by photo"
        chart(recovered_by_photo(result, mode(), name), alt, f"found-{run.id}", f"found-{run.id}")


def errors(run: Run, result: StraightenResult) -> None:
    """What is left, and how that fell."""
    before, error, loss = side_by_side(1, 1, 1)
    with before:
        st.subheader("Error before and after", anchor=False)
        alt = "How far the trials were off before and after straightening"
        chart(errors_before_and_after(result, mode()), alt, f"errors-{run.id}", f"errors-{run.id}")
    with error:
        st.subheader("Error while it learned", anchor=False)
        unit = "°" if result.turns else "%"
        drawn = error_so_far(result.errors, unit, mode(), went_on=result.went_on)
        chart(drawn, "Error by training step", f"error-{run.id}", f"error-{run.id}")
        st.caption(while_it_learned(result))
    with loss:
        st.subheader("Loss", anchor=False)
        chart(losses(result, mode()), "Loss by training step", f"curve-{run.id}", f"loss-{run.id}")
