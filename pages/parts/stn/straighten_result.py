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
from core.stn.datasets.tilts import TILTS
from core.stn.drawing.grid_overlay import grid_on, margined
from core.stn.drawing.losses import loss_curve
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
def score_in_words(result: StraightenResult) -> str:
    scores = result.scores
    if result.turns:
        before, after = f"turned by {scores['angle_error_before_deg']:.1f}°", f"{scores['angle_error_deg']:.2f}°"
    else:
        before, after = f"off by {scores['grid_error_before']:.1f} %", f"{scores['grid_error_after']:.2f} %"
    words = (
        f"On **{scores['seen_trials']} distortions it had never seen** the photos were {before} in the median; "
        f"straightened, they are off by **{after}**. In the mean over a photo, its points end "
        f"{scores['grid_error_after']:.2f} % of the short side from where they belong; grey levels differ from the original by "
        f"{scores['pixel_error_before']:.0f} before and {scores['pixel_error_after']:.0f} after."
    )
    unseen = scores["unseen_images_angle_error_deg" if result.turns else "unseen_images_grid_error"]
    if unseen is not None:
        unit = "°" if result.turns else " %"
        words += f" On {scores['unseen_trials']} distortions of photos it had never seen: **{unseen:.2f}{unit}**."
    if result.deskew_error_deg is not None:
        words += f" Read by its lines, as a scanner does, a page is off by {result.deskew_error_deg:.2f}° (projection profile)."
    words += new_photos_in_words(scores, "°" if result.turns else " %")
    words += belief_in_words(scores, "2°" if result.turns else "2 % of the short side")
    words += tilts_in_words(scores)
    if result.stopped:
        words += f" It was stopped after {result.film_seconds[-1]:.0f} seconds of learning."
    return words


def belief_in_words(scores: Mapping[str, Any], unit: str) -> str:
    """How far the network believed its answers, and whether that was right; nothing for results older than belief."""
    if "believed" not in scores:
        return ""
    words = f" It **believed {100 * scores['believed']:.0f} %** of its answers to photos it learned from"
    if scores["strangers_believed"] is not None:
        words += f" and {100 * scores['strangers_believed']:.0f} % of those to pictures of other kinds"
    wrong = scores["believed_wrong"]
    return words + (f"; {100 * wrong:.1f} % of what it believed was off by more than {unit}." if wrong is not None else ".")


def new_photos_in_words(scores: Mapping[str, Any], unit: str) -> str:
    """What becomes of photos of the kind that a network has not learned from; nothing where that was not tried."""
    if "new_photos_error" not in scores:
        return ""
    after, before, believed = (scores[f"new_photos_{name}"] for name in ("error", "before", "believed"))
    words = f" A second network, which learned from half of these photos, is off by {after:.2f}{unit} on the other half"
    return (
        words + f" (untouched {before:.1f}{unit}), and {100 * believed:.0f} % of that would be believed: so may new photos be."
    )


def tilts_in_words(scores: Mapping[str, Any]) -> str:
    """How it does on tilts as people make them; nothing for results that have none."""
    if "slight_deg" not in scores:
        return ""
    kinds = [
        f"{tilt.title} {scores[f'{name}_deg']:.2f}° in the median and {scores[f'{name}_worst_deg']:.1f}° at worst"
        for name, tilt in TILTS.items()
        if name != "slight"
    ]
    before, left = scores["slight_before_deg"], scores["slight_left_deg"]
    slight = f"Tilts of at most ±5° are off by {before:.2f}° untouched and by {left:.2f}° after"
    worse = ", so it makes them worse" if left > before else ""
    return f"\n\nOn tilts as people make them it is off by: {'; '.join(kinds)}. {slight}{worse}."


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
    if result.turns:
        report({"stage_error": result.stage_errors[stage]})
    before, now = st.columns(2)
    after = f"after {result.film_seconds[stage]:.1f} s"
    with before:
        alt, words = "The distorted photo with the predicted grid", "what it is given, and where it looks"
        draw(filmed(result, stage, mode()), alt, words, f"film-{run.id}-given")
    with now:
        draw(film(result, stage, mode()), f"The photo as straightened {after}", after, f"film-{run.id}-{stage}")


@fragment
def recovered(run: Run, result: StraightenResult) -> None:
    """What was recovered in the trials against what was applied, and how it is distributed."""
    names = parts_of(result)
    given = controls.segmented_control("Part of θ", names, default=names[0], key="part", label_visibility="collapsed")
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
    with loss:
        st.subheader("Loss", anchor=False)
        chart(losses(result, mode()), "Loss by training step", f"curve-{run.id}", f"loss-{run.id}")
