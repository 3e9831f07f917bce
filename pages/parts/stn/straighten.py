"""Straighten: train a spatial transformer on your own photos, watch it learn, and let it straighten new ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.made_once import made_once
from core.runs.lab import lab
from core.runs.live.blocks import Column, Look, PictureBlock
from core.runs.live.snapshots import Snapshot
from core.runs.registry import Run
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.images import Picture
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.straighten.curve import ERRORS, Curve
from core.stn.straighten.live_figures import PATH, plain_error, plain_path
from core.stn.straighten.request import FEWEST_TO_HOLD_OUT, HELD_OUT, StraightenRequest
from core.stn.straighten.result import StraightenResult
from core.theme import Mode
from pages.parts import controls
from pages.parts.layout import picture
from pages.parts.links.kept_uploads import RunFiles, has_files
from pages.parts.links.offered import offered_as
from pages.parts.live.figures import HEIGHT, figure_block
from pages.parts.progress import Rows, loss_block
from pages.parts.screen import Form, Screen
from pages.parts.stn import straighten_result
from pages.parts.stn.labelled.refilled import samples_among
from pages.parts.stn.straighten_result import not_upright_warning
from pages.parts.uploads import LONGEST, PHOTOS, chosen_pictures, readable, stored

PRESETS = {"10 s": 10.0, "1 min": 60.0, "5 min": 300.0}
PREVIEWS = 6
DRAWN, SEED_OF_DRAWN = 20, 1_000  # pages that the lab draws; the training and the belief have smaller seeds
ASPECT = 2.0  # of the recorded photo: two squares side by side
EXPLANATION = (
    "A **localisation network** looks at the turned photo and predicts $\\theta$. The **grid generator** turns $\\theta$ into "
    "source coordinates, $(x_s, y_s)^\\top = A_\\theta (x_t, y_t, 1)^\\top$, and the **sampler** reads the photo there. All "
    "three are differentiable, so the difference between the straightened photo and the upright original trains the "
    "localisation network end to end; the angle is never given."
)


@dataclass(frozen=True)
class StraightenChoice:
    """Photos and settings."""

    pictures: list[Picture]
    family: FamilyName
    max_angle: float  # degrees
    budget: float  # seconds
    held_out: float  # share of the photos

    @property
    def size(self) -> float:
        """Of its request: seconds."""
        return float(self.budget)

    def request(self) -> StraightenRequest:
        return StraightenRequest(
            images=tuple(stored(photo.pixels) for photo in self.pictures),
            names=tuple(photo.name for photo in self.pictures),
            family=self.family,
            max_angle=self.max_angle,
            budget=self.budget,
            held_out=self.held_out,
        )


def form() -> StraightenChoice:
    pictures = chosen_pictures()
    preset = controls.segmented_control("Time to learn", list(PRESETS), default="10 s", key="preset", required=True)
    reach = controls.slider("Turned by up to", 10, 180, 45, 5, format="±%d°", key="angle")
    family = controls.segmented_control("Family", list(FAMILIES), default="similarity", key="family", required=True)
    held_out = HELD_OUT
    if len(pictures) >= FEWEST_TO_HOLD_OUT:
        words = "Photos that training does not see; the network is tested on them as well."
        held_out = controls.slider("Held out", 0.0, 0.5, HELD_OUT, 0.05, format="percent", key="held_out", help=words)
    return StraightenChoice(pictures, family or "similarity", float(reach), PRESETS[preset or "10 s"], held_out)


def _not_upright(photos: list[np.ndarray], names: list[str]) -> tuple[str, ...]:
    """Comparing many with each other takes some tenths of a second and is done once; to remember a few would take longer."""
    from core.stn.straighten.baseline.lying import FEWEST_PHOTOS, not_upright  # here, so that this module loads without torch

    return _many_not_upright(photos, names) if len(photos) >= FEWEST_PHOTOS else not_upright(photos, names)


@st.cache_data(max_entries=8, show_spinner=False)
def _many_not_upright(photos: list[np.ndarray], names: list[str]) -> tuple[str, ...]:
    from core.stn.straighten.baseline.lying import not_upright

    return not_upright(photos, names)


def preview(choice: StraightenChoice) -> None:
    """What needs no training, and what the network will be given."""
    with controls.area("uploads"):
        pages_at_once()
    _what_it_will_see(choice)


def pages_at_once() -> None:
    """Pages that are straightened now, by what comes with the lab: uploaded, or drawn here and turned at random."""
    st.subheader("Straighten pages now", anchor=False)
    st.markdown(
        "Pages of text, tables or forms need no training: a network comes with the lab, and the classical way, which reads "
        "the lines of text, works beside it. Whichever is the likelier to be right counts. They may be turned by up to 45°; "
        "a page that stands on its head stays so."
    )
    pictures = readable("Pages that are not upright", "pages", LONGEST)
    number = controls.slider("Or a page that the lab draws and turns", 0, DRAWN, 0, key="drawn", help="0: none")
    if pictures or number:
        from pages.parts.stn import straighten_use  # here, so that this module loads without torch

        if not pictures:
            pictures, angle = _drawn(number)
            st.caption(f"It is turned by {angle:.1f}°.")
        straighten_use.pages_now(pictures, "pages")


@st.cache_data(max_entries=DRAWN, show_spinner=False)
def _drawn(number: int) -> tuple[list[Picture], float]:
    """A page drawn with faults as scans have them, none of those that the network learned from; its turn in degrees."""
    from core.stn.straighten.pages.making.calibration import known_pages

    pixels, angle = known_pages(1, SEED_OF_DRAWN + number)[0]
    return [Picture(f"page {number}", pixels)], angle


def _what_it_will_see(choice: StraightenChoice) -> None:
    if not choice.pictures:
        st.info("Choose a sample or upload photos that stand upright.", icon=":material/arrow_back:")
        return
    not_upright_warning(_not_upright([photo.pixels for photo in choice.pictures], [photo.name for photo in choice.pictures]))
    if has_files(PHOTOS):
        st.subheader("What the network will see", anchor=False)
        _previews(choice)
        return
    with controls.fold("What the network will see", key="preview") as unfolded:
        if unfolded:
            _previews(choice)


def _previews(choice: StraightenChoice) -> None:
    with st.grid(PREVIEWS, min_column_width=100):
        for number in range(PREVIEWS):
            photo = choice.pictures[number % len(choice.pictures)]
            picture(_distorted(photo.pixels, choice.family, choice.max_angle, number), f"{photo.name}, distorted at random")
    st.caption("Turned, scaled and shifted at random, afresh for every step. The network is not given these amounts.")


@made_once
def _distorted(pixels: np.ndarray, family: FamilyName, max_angle: float, number: int) -> np.ndarray:
    import torch  # here, so that this module loads without torch

    from core.stn.geometry.warping import warp

    thetas = Distortions.of(family, max_angle).draw(PREVIEWS, torch.Generator().manual_seed(1))
    return warp(pixels, thetas[number])


def live(snapshot: Snapshot, look: Look) -> Rows:
    """The recorded photo as it is straightened now, what the network says of it, the error and the loss so far."""
    numbers, before = pd.DataFrame(snapshot.numbers), _before(snapshot.run.request.start)  # type: ignore[attr-defined]
    alt = "A distorted photo with the predicted grid, and as the network straightens it now"
    caption = "One fixed photo: where the network looks now, and what it sees there"
    photo = [PictureBlock(alt, caption, jpeg) for jpeg in snapshot.pictures.values()] or [
        PictureBlock(alt, caption, aspect=ASPECT)
    ]
    path = _path(numbers.dropna(subset=["turn_deg"]), look.mode) if "turn_deg" in numbers else None
    said = figure_block(path, "What the network says had been done to this photo, beside what was done", look)
    error = _error(snapshot.run, numbers.dropna(subset=["error"]), look.mode, before) if "error" in numbers else None
    wrong = figure_block(error, "Median error on distortions it does not learn from, so far", look)
    return (Column(photo),), (Column([said], 4), Column([wrong], 3), Column([loss_block(snapshot, look, before)], 3))


def _path(numbers: pd.DataFrame, theme: Mode) -> dict[str, Any]:
    path = numbers.assign(seconds=numbers.step / numbers.steps_per_second)
    applied = {name: float(numbers[f"applied_{name}"].iloc[-1]) for name in PATH}
    return plain_path(path, applied, theme, HEIGHT)


def _error(run: Run, numbers: pd.DataFrame, theme: Mode, before: Curve) -> dict[str, Any]:
    turns = run.request.distortions.max_angle > 0  # type: ignore[attr-defined]
    whole = before.then(0, [], [], numbers.assign(seconds=0.0)[list(ERRORS)])
    return plain_error(whole.errors, "°" if turns else "%", theme, HEIGHT, whole.went_on)


@lru_cache(8)
def _before(start: str | None) -> Curve:
    """The curve of the runs from whose weights one goes on."""
    return Curve.in_file(lab().store.get(start)) if start else Curve()


def refill(request: StraightenRequest) -> dict[str, Any]:
    """The form's controls as they are for a request, by key."""
    photos = samples_among(request.names, request.images)
    return {
        **({"samples": photos} if photos else {"photos": RunFiles.of(request.names, request.images)}),
        "angle": int(request.max_angle), "family": request.family, "preset": offered_as(PRESETS, request.budget),
        "held_out": request.held_out if len(request.images) >= FEWEST_TO_HOLD_OUT else None, "seed": request.seed,
    }  # fmt: skip


def use(run: Run, result: StraightenResult) -> None:
    """Uses of the trained network."""
    from pages.parts.stn import straighten_use  # here, so that this module loads without torch

    straighten_use.use(run, result)


SCREEN = Screen(
    show=straighten_result.show,
    use=use,
    learned=straighten_result.learned,
    live=live,
    refill=refill,
    form=Form(
        purpose="Give a network your upright photos; it learns to straighten them, however they are turned.",
        explanation=EXPLANATION,
        draw=form,
        preview=preview,
        uploads=PHOTOS,
    ),
)
