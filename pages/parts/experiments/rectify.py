"""Straighten: train a spatial transformer on your own photos, watch it learn, and let it straighten new ones."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
import torch

from core.runs.lab import lab
from core.runs.registry import Run
from core.stn.distortions import Distortions
from core.stn.families import FAMILIES, FamilyName
from core.stn.images import Picture, to_png
from core.stn.rectify import RectifyRequest
from core.stn.trials import bend
from pages.parts.experiments import rectified
from pages.parts.experiments.contract import Experiment
from pages.parts.inputs import chosen_pictures
from pages.parts.layout import picture
from pages.parts.progress import pictures_and_loss

PRESETS = {"10 s": 10.0, "1 min": 60.0, "5 min": 300.0}
PREVIEWS = 6
EXPLANATION = (
    "A **localisation network** looks at the turned photo and predicts $\\theta$. The **grid generator** turns $\\theta$ into "
    "source coordinates, $(x_s, y_s)^\\top = A_\\theta (x_t, y_t, 1)^\\top$, and the **sampler** reads the photo there. All "
    "three are differentiable, so the difference between the straightened photo and the upright original trains the "
    "localisation network end to end, without anyone telling it the angle."
)


@dataclass(frozen=True)
class RectifyChoice:
    """Photos and settings."""

    pictures: list[Picture]
    family: FamilyName
    max_angle: float  # degrees
    budget: float  # seconds

    def request(self) -> RectifyRequest:
        return RectifyRequest(
            images=tuple(lab().store.put(to_png(photo.pixels)) for photo in self.pictures),
            names=tuple(photo.name for photo in self.pictures),
            family=self.family,
            max_angle=self.max_angle,
            budget=self.budget,
        )


def form() -> RectifyChoice:
    pictures = chosen_pictures()
    preset = st.segmented_control("Time to learn", list(PRESETS), default="10 s", key="preset", bind="query-params")
    reach = st.slider("Turned by up to", 10, 180, 45, 5, format="±%d°", key="angle", bind="query-params")
    family = st.segmented_control("Family", list(FAMILIES), default="similarity", key="family", bind="query-params")
    return RectifyChoice(pictures, family or "similarity", float(reach), PRESETS[preset or "10 s"])


def preview(choice: RectifyChoice) -> None:
    """What the network will be given."""
    if not choice.pictures:
        st.info("Choose a sample or upload photos that stand upright.", icon=":material/arrow_back:")
        return
    st.subheader("What the network will see", anchor=False)
    thetas = Distortions.of(choice.family, choice.max_angle).draw(PREVIEWS, torch.Generator().manual_seed(1))
    with st.grid(PREVIEWS, min_column_width=100):
        for number, theta in enumerate(thetas):
            photo = choice.pictures[number % len(choice.pictures)]
            picture(bend(photo.pixels, theta), f"{photo.name}, distorted at random")
    st.caption("Turned, scaled and shifted at random, afresh for every step. It is never told by how much.")


def live(run: Run) -> None:
    pictures_and_loss(run, "A distorted photo as the network straightens it now", "One fixed photo, as straightened now")


EXPERIMENT = Experiment(
    kind="rectify",
    title="Straighten",
    promise="Give a network your upright photos; it learns to straighten them, however they are turned.",
    explanation=EXPLANATION,
    form=form,
    preview=preview,
    show=rectified.show,
    use=rectified.use,
    live=live,
)
