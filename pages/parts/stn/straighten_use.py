"""Uses of a finished straighten run: train it further, a photo turned by hand, new photos; and pages without a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import streamlit as st
import torch

from core.errors import ImageError
from core.made_once import made_once
from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.result import Origin
from core.stn.datasets.distortions import SCALE, SHIFT
from core.stn.datasets.images import Picture
from core.stn.datasets.picture_files import file_of
from core.stn.drawing.grid_overlay import fan_on, grid_on, margined
from core.stn.drawing.turns import answered_against_applied
from core.stn.geometry.families import FAMILIES
from core.stn.geometry.theta import Parts, theta_of
from core.stn.geometry.warping import warp
from core.stn.learning.belief import BELIEVED
from core.stn.straighten.checkpoint import to_file
from core.stn.straighten.curve import Curve
from core.stn.straighten.evaluation import grid_error
from core.stn.straighten.looking.framing import FRAMINGS, Framing
from core.stn.straighten.pages.answer import PageAnswer, straighten_page
from core.stn.straighten.pages.ways import WAYS
from core.stn.straighten.predict import Answer, made_upright, scattered, straighten
from core.stn.straighten.request import StraightenRequest
from core.stn.straighten.result import StraightenResult
from pages.parts import controls
from pages.parts.divider.divider import divider
from pages.parts.export_menu import zipped
from pages.parts.follow import submit
from pages.parts.layout import chart, mistakes_shown, mode, plain
from pages.parts.layout import picture as draw
from pages.parts.serving.fragments import fragment
from pages.parts.task import report
from pages.parts.uploads import LONGEST, readable

MORE = (10, 30, 60, 300)  # seconds


def use(run: Run, result: StraightenResult) -> None:
    """New photos, one turned by hand, and the training that goes on, one below the other."""
    st.subheader("Straighten new photos", anchor=False)
    apply(run, result, readable("Drop tilted photos here", "apply", LONGEST))
    st.subheader("Turn one yourself", anchor=False)
    turn_it_yourself(run, result)
    learn_on(run, result)


def learn_on(run: Run, result: StraightenResult) -> None:
    """Another run from the weights of this one, with its optimiser and its next random numbers."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seconds = controls.segmented_control(
            "Learn on", MORE, default=30, format_func=lambda s: f"{s} s", key="more", required=True
        )
        gone_on = st.button("Go on from these weights", icon=":material/resume:", key=f"go-on-{run.id}")
    if gone_on:
        with mistakes_shown():
            submit(continued(run, result, float(seconds or 30)))
        st.rerun()


def continued(run: Run, result: StraightenResult, seconds: float) -> StraightenRequest:
    """The request that goes on from the weights of a run."""
    origin = Origin(run=run.id, title=run.title)
    start = lab().store.put(to_file(result.family, result.weights, result.state, Curve.of(result), origin))
    request = run.request
    assert isinstance(request, StraightenRequest)
    return request.model_copy(update={"start": start, "budget": seconds})


@fragment
def turn_it_yourself(run: Run, result: StraightenResult) -> None:
    """A photo turned by hand, straightened at once."""
    shown, left = st.columns([3, 2], gap="large")
    with left:
        bent = by_hand(run, result)
    turned = warp(result.upright["0"], theta_of(bent).float())
    straight = straighten(result, turned)
    left_over = grid_error(theta_of(bent).float(), torch.from_numpy(straight.theta))
    report({"turned_by": abs(bent.rotation_deg), "left_over": left_over})
    with shown:
        words = "" if straight.believed else "As it is not believed, a photo that you upload would stay as it is."
        alts = "The photo you turned, with the grid where the network looks", "The same photo, straightened"
        drawn = grid_on(turned, straight.theta, mode()), margined(straight.image, mode())
        divider(f"by-hand-{run.id}", *drawn, alts, words)
    turn = f"Your photo was turned by **{bent.rotation_deg:.1f}°**. " if result.turns else ""
    places = f" Straightened, its points end **{left_over:.1f} %** of the short side from where they belong, in the mean."
    left.markdown(turn + answer_in_words(result, straight) + places)
    with left:
        scatter = controls.toggle("How far answers scatter", key="scatter", help="Turns the photo further, and asks again")
    if scatter:
        show_scatter(run, result, turned)


def answer_in_words(result: StraightenResult, answer: Answer) -> str:
    """What the network says, and how far that is to be believed."""
    belief = _belief_in_words(answer)
    return f"The network says **{answer.angle_deg:.1f}°**, {belief}" if result.turns else f"{belief[0].upper()}{belief[1:]}"


def _belief_in_words(answer: Answer) -> str:
    below = "" if answer.believed else f": not believed below {100 * BELIEVED:.0f} %"
    return f"believed to **{100 * answer.belief:.0f} %**{below}."


def show_scatter(run: Run, result: StraightenResult, photo: np.ndarray) -> None:
    """Where the network looks when the photo is turned further, and what it answers then."""
    answers = scattered(result, photo)
    fan, turns = st.columns(2, gap="medium", vertical_alignment="center")
    with fan:
        draw(
            fan_on(photo, answers.thetas, mode()),
            "The photo with the outline of where each answer looks",
            "where it looks from four other starts: the outlines should be one",
        )
    if result.turns:
        with turns:
            alt = "Angle answered against angle applied to this photo"
            chart(answered_against_applied(answers.turns, mode()), alt, f"scatter-{run.id}", f"scatter-{run.id}")


def by_hand(run: Run, result: StraightenResult) -> Parts:
    """Sliders for what the family of this run can undo."""
    row, angle, scale_x = FAMILIES[result.family], 0, 0.0
    if result.turns:
        reach = int(result.max_angle)
        angle = controls.slider("Turn it", -reach, reach, min(23, reach), format="%d°", key="turn")
    if row.zooms:
        scale_x = controls.slider("Scale x" if row.stretches else "Scale", -SCALE, SCALE, 0.1, format="percent", key="scale")
    scale_y = scale_x
    if row.zooms and row.stretches:
        scale_y = controls.slider("Scale y", -SCALE, SCALE, -0.1, format="percent", key="scale_y")
    shift = controls.slider("Shift", -SHIFT, SHIFT, 0.05, format="percent", key="shift")
    return Parts(angle, 1 + scale_x, 1 + scale_y, 0.0, shift, shift)


def apply(run: Run, result: StraightenResult, pictures: list[Picture]) -> None:
    """New photos beside what the network of a run makes of them."""

    def answered(photo: np.ndarray) -> tuple[Answer, str]:
        answer = straighten(result, photo)
        return answer, answer_in_words(result, answer)

    straightened(pictures, answered, run.id, [row for row in FRAMINGS.values() if result.turns or row.name != "turned"])


def pages_now(pictures: list[Picture], key: str) -> None:
    """Pages beside what becomes of them without any training."""

    def answered(photo: np.ndarray) -> tuple[Answer, str]:
        page = _page_answer(photo)
        says = f"{page.words[0].upper()}{page.words[1:]}: turned by **{page.straight.angle_deg:.1f}°**"
        others = ", ".join(f"{WAYS[name].words} {angle:.1f}°" for name, angle in page.angles_deg.items() if name != page.way)
        return page.straight, f"{says}, {_belief_in_words(page.straight)} ({others}.)"

    straightened(pictures, answered, key)


@made_once
def _page_answer(photo: np.ndarray) -> PageAnswer:
    return straighten_page(photo)


def straightened(
    pictures: list[Picture], answered: Callable[[np.ndarray], tuple[Answer, str]], key: str,
    framings: Iterable[Framing] = FRAMINGS.values(),
) -> None:  # fmt: skip
    """Pictures before and after, each to be downloaded, or all at once; `answered` gives an answer and its words."""
    if not pictures:
        return
    files: dict[str, bytes] = {}
    framing = _framing(list(framings))
    anyway = controls.toggle(
        "Straighten also what is not believed", key="anyway", help="Otherwise such photos stay as they are"
    )
    for number, picture in enumerate(pictures):
        straight, says = answered(picture.pixels)
        turned = straight.believed or anyway
        name = f"{Path(picture.name).stem}-{'straight' if turned else 'unchanged'}.png"
        given, words = st.columns([3, 2], gap="large")
        try:
            made = made_upright(picture, straight, framing.name) if turned else picture
        except ImageError as error:
            words.error(plain(str(error)), icon=":material/error:")
            continue
        file = file_of(name, made)
        files[name if name not in files else f"{number}-{name}"] = file.content
        with given:
            _before_and_after(picture, straight.theta, made, turned, f"{key}-{number}")
        words.markdown(f"{plain(picture.name)}. {says}{'' if turned else ' Left as it is.'} {file.sentence}")
        with words:
            controls.download_button("Download", file.content, name, "image/png", on_click="ignore", key=f"get-{key}-{number}")
    if len(files) > 1:
        controls.download_button(
            "Download all", zipped(files), "straightened.zip", "application/zip", on_click="ignore", key="download"
        )


def _framing(framings: list[Framing]) -> Framing:
    """What is shown where a photo ends."""
    titles = {row.title: row for row in framings}
    first = next(iter(titles))
    title = controls.segmented_control(
        "Where the photo ends", list(titles), default=first, key="framing", required=True,
        help=" ".join(f"{row.title}: {row.words}." for row in framings),
    )  # fmt: skip
    return titles[title or first]


def _before_and_after(picture: Picture, theta: np.ndarray, made: Picture, turned: bool, key: str) -> None:
    """A photo with the grid where the network looks, and what became of it; both on the same margin where they are as large."""
    after = made.pixels if made.transparent is None else made.transparent
    if after.shape[:2] == picture.pixels.shape[:2]:
        after = margined(after, mode() if made.transparent is None else "clear")
    alt = f"{picture.name}, {'straightened' if turned else 'as it is, because the answer is not believed'}"
    divider(f"after-{key}", grid_on(picture.pixels, theta, mode()), after, (f"{picture.name}, as it is given", alt))
