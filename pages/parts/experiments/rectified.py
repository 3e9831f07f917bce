"""What a finished rectify run has to show."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.runs.registry import Run
from core.stn.anatomy import outline
from core.stn.distortions import SCALE, SHIFT
from core.stn.figures import errors_before_and_after, loss_curve, recovered_against_applied
from core.stn.images import Picture, to_png
from core.stn.rectify import RectifyResult
from core.stn.straighten import straighten
from core.stn.thetas import Parts, theta_of
from core.stn.trials import bend
from pages.parts.inputs import readable
from pages.parts.layout import chart, mode, plain
from pages.parts.layout import picture as draw
from pages.parts.take_away import zipped

SHOWN = 4  # examples in a row
LONGEST = 2048  # pixels: longest side of a photo that is straightened in the browser


def show(run: Run, result: RectifyResult) -> None:
    """Score in words, examples, the photo straightening itself, figures."""
    score_in_words(result)
    examples(result)
    film, angles = st.columns([1, 1], gap="large")
    with film:
        learning(run, result)
    with angles:
        st.subheader("Recovered against applied angle", anchor=False)
        alt = "Scatter of recovered against applied angle"
        chart(recovered_against_applied(result, mode()), alt, f"angles-{run.id}", f"angles-{run.id}")
    before, loss = st.columns([1, 1], gap="large")
    with before:
        st.subheader("Error before and after", anchor=False)
        alt = "Degrees from upright before and after straightening"
        chart(errors_before_and_after(result, mode()), alt, f"errors-{run.id}", f"errors-{run.id}")
    with loss:
        st.subheader("Loss", anchor=False)
        chart(loss_curve(result, mode()), "Loss by training step", f"curve-{run.id}", f"loss-{run.id}")


def score_in_words(result: RectifyResult) -> None:
    scores = result.scores
    seen = (
        f"On **{scores['seen_trials']} distortions it had never seen** the photos were turned by "
        f"{scores['angle_error_before_deg']:.1f}° in the median; straightened, they are off by "
        f"**{scores['angle_error_deg']:.2f}°**. Grey levels differ from the original by {scores['pixel_error_before']:.0f} "
        f"before and {scores['pixel_error_after']:.0f} after."
    )
    unseen = scores["unseen_images_angle_error_deg"]
    if unseen is not None:
        seen += f" On {scores['unseen_trials']} distortions of photos it had never seen: **{unseen:.2f}°**."
    st.markdown(seen)


def examples(result: RectifyResult) -> None:
    """Inputs with the predicted quadrilateral above their straightened outputs."""
    rows = result.trials.head(SHOWN)
    for number, (column, trial) in enumerate(zip(st.columns(SHOWN), rows.itertuples(), strict=False)):
        key = str(number)
        drawn = outline(result.distorted[key], result.example_thetas[number], mode())
        words = f"Turned by {trial.applied_deg:.1f}°. The network says {trial.recovered_deg:.1f}°."
        with column:
            draw(drawn, f"{trial.name}, distorted, with the quadrilateral the network predicts")
            draw(result.straightened[key], f"{trial.name}, straightened", words)


@st.fragment
def learning(run: Run, result: RectifyResult) -> None:
    """One fixed distorted photo at every stage of the training."""
    st.subheader("One photo while the network learned", anchor=False)
    last = len(result.film) - 1
    stage = st.slider("Stage", 0, last, last, key=f"stage-{run.id}", label_visibility="collapsed") if last else 0
    given, now = st.columns(2)
    drawn = outline(result.film_distorted, result.film_thetas[stage], mode())
    after = f"after {result.film_seconds[stage]:.1f} s"
    with given:
        draw(drawn, "The distorted photo with the predicted quadrilateral", "what it is given")
    with now:
        draw(result.film[stage], f"The photo as straightened {after}", after)


@st.fragment
def turn_it_yourself(run: Run, result: RectifyResult, picture: Picture) -> None:
    """A photo turned by hand, straightened at once."""
    reach = int(result.max_angle)
    left, middle, right = st.columns([1, 1, 1], gap="medium", vertical_alignment="center")
    with left:
        angle = st.slider("Turn it", -reach, reach, min(23, reach), format="%d°", key=f"turn-{run.id}")
        scale = st.slider("Scale", -SCALE, SCALE, 0.1, format="percent", key=f"scale-{run.id}")
        shift = st.slider("Shift", -SHIFT, SHIFT, 0.05, format="percent", key=f"shift-{run.id}")
    theta = theta_of(Parts(angle, 1 + scale, 1 + scale, 0.0, shift, shift)).float()
    turned = bend(picture.pixels, theta)
    straight = straighten(result, turned)
    with middle:
        draw(outline(turned, straight.theta, mode()), "The photo you turned")
    with right:
        draw(straight.image, "The same photo, straightened")
    left.markdown(f"Your photo was turned by **{angle:.1f}°**. The network says **{straight.angle_deg:.1f}°**.")


def use(run: Run, result: RectifyResult) -> None:
    """What a finished run is for: a photo turned by hand, and new photos straightened."""
    st.subheader("Turn one yourself", anchor=False)
    turn_it_yourself(run, result, Picture(result.names[0], result.upright["0"]))
    st.subheader("Straighten new photos", anchor=False)
    apply(run, result, readable("Photos that are not upright", f"apply-{run.id}", LONGEST))


def apply(run: Run, result: RectifyResult, pictures: list[Picture]) -> None:
    """New photos beside what the network makes of them, each to be downloaded, or all at once."""
    made: dict[str, bytes] = {}
    for number, picture in enumerate(pictures):
        straight = straighten(result, picture.pixels)
        name = f"{Path(picture.name).stem}-straight.png"
        made[name if name not in made else f"{number}-{name}"] = content = to_png(straight.image)
        given, upright, words = st.columns([2, 2, 1], vertical_alignment="center")
        with given:
            draw(outline(picture.pixels, straight.theta, mode()), f"{picture.name}, as uploaded")
        with upright:
            draw(straight.image, f"{picture.name}, straightened")
        words.markdown(f"{plain(picture.name)}: the network says **{straight.angle_deg:.1f}°**.")
        words.download_button("Download", content, name, "image/png", on_click="ignore", key=f"get-{run.id}-{number}")
    if len(made) > 1:
        st.download_button("Download all", zipped(made), "straightened.zip", "application/zip", on_click="ignore")
