"""Locate: an attention transformer finds what many cluttered images have in common, without labels and without boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.runs.lab import lab
from core.runs.live.blocks import Look
from core.runs.live.snapshots import Snapshot
from core.stn.datasets.images import Picture
from core.stn.locate.cut_out import png_of
from core.stn.locate.pictures import sheet
from core.stn.locate.request import LocateRequest
from pages.parts import controls
from pages.parts.layout import picture
from pages.parts.links.kept_uploads import RunFiles
from pages.parts.links.offered import offered_as
from pages.parts.progress import Rows, pictures_and_loss
from pages.parts.screen import Form, Screen
from pages.parts.stn import locate_result
from pages.parts.uploads import uploaded

PRESETS = {"30 s": 30.0, "1 min": 60.0, "3 min": 180.0}
COUNTS = (30, 100, 200)
EXPLANATION = (
    "A **localisation network** looks at each image and says where to cut: $\\theta = (s, t_x, t_y)$, a square anywhere. "
    "What it cuts out of one image shall be nearer to what it cuts out of another than to a random crop of the same "
    "image: $\\sum_{n \\neq m} \\max\\bigl(0,\\ \\lVert e(I_n^{\\mathcal T}) - e(I_m^{\\mathcal T}) \\rVert^2 - "
    "\\lVert e(I_n^{\\mathcal T}) - e(I_n^{\\text{rand}}) \\rVert^2 + \\alpha\\bigr)$. The code $e$ is what the layers of a "
    "classifier make of a crop, trained beforehand on the labels of other digits. No label of these images and no box is used. "
    "Left alone, this loss often ends where every crop is black and all agree. So, unless that is turned off, random crops "
    "**vote** first: the object is what every image has, and has only once. The network follows the vote, then the "
    "triplets alone fit the squares."
)


@dataclass(frozen=True)
class LocateChoice:
    """What is to be found, and settings."""

    digit: int
    pictures: list[Picture]
    clutter: bool
    voting: bool
    images: int
    budget: float  # seconds

    @property
    def size(self) -> float:
        """Of its request: seconds."""
        return float(self.budget)

    def request(self) -> LocateRequest:
        return LocateRequest(
            digit=0 if self.pictures else self.digit,
            objects=tuple(lab().store.put(png_of(one)) for one in self.pictures),
            names=tuple(one.name for one in self.pictures),
            clutter=self.clutter,
            voting=self.voting,
            images=self.images,
            budget=self.budget,
        )


def form() -> LocateChoice:
    words = "Your own object: pictures of it, or a folder of them as a ZIP"
    own = uploaded(words, "locate_pictures", longest=384, every=False, flat=False)
    digit = controls.segmented_control(
        "Or a digit", list(range(10)), default=7, key="locate_digit", disabled=bool(own), required=True
    )
    clutter = controls.toggle("In clutter", True, key="locate_clutter")
    voting = controls.toggle("Random crops vote first", True, key="locate_voting", help="Off: the paper's loss alone.")
    count = controls.segmented_control(
        "Images", list(COUNTS), default=100, key="locate_images", required=True
    )  # fmt: skip
    preset = controls.segmented_control("Time at most", list(PRESETS), default="1 min", key="locate_time", required=True)
    return LocateChoice(7 if digit is None else digit, own, clutter, voting, count or 100, PRESETS[preset or "1 min"])


def preview(choice: LocateChoice) -> None:
    """Some of the images."""
    import torch  # here, so that this module loads without torch

    from core.stn.locate.scenes import Material, scenes_of

    material = Material.of_pictures(choice.pictures) if choice.pictures else None
    material = material or Material.of_digit(choice.digit)
    donors, decoys = (material.donors, material.decoys) if choice.clutter else (None, False)
    scenes = scenes_of(material.objects, 12, donors, torch.Generator().manual_seed(1), decoys)
    st.subheader("What the network will see", anchor=False)
    pixels = scenes.images.movedim(1, -1).numpy()
    picture(sheet(pixels, None, scenes.boxes.numpy(), 12, 6), "Dark images, each with one object somewhere")
    what = "your object, cut out and made small," if choice.pictures else f"a {choice.digit}"
    clutter = " amid 16 pieces of other images" if choice.clutter else ""
    clutter += ", and a jigsaw of itself beside it" if decoys else ""
    st.caption(f"Each has {what} somewhere{clutter}. The network is given neither what it is nor where.")
    if choice.pictures:
        st.caption(_tested_on(len(choice.pictures)))


def _tested_on(count: int) -> str:
    """On which pictures it will be tested."""
    from core.stn.locate.scenes import held_back

    back = int(held_back(count).sum())
    if not back:
        return "It is tested on scenes of this one picture: upload more to see whether it finds others."
    return f"{back} of {count} pictures {'are' if back > 1 else 'is'} held back for the test."


def refill(request: LocateRequest) -> dict[str, Any]:
    """The form's controls as they are for a request, by key."""
    own = {"locate_pictures": RunFiles.of(request.names, request.objects)}
    return {
        **(own if request.objects else {"locate_digit": request.digit}),
        "locate_clutter": request.clutter, "locate_voting": request.voting, "locate_images": request.images,
        "locate_time": offered_as(PRESETS, request.budget), "seed": request.seed,
    }  # fmt: skip


def live(snapshot: Snapshot, look: Look) -> Rows:
    alt = "Images with the squares where the network looks now"
    return pictures_and_loss(snapshot, look, alt, "Where it looks now; green where it has found it, thin grey where it is.")


SCREEN = Screen(
    show=locate_result.show,
    live=live,
    refill=refill,
    form=Form(
        purpose="Hide one thing in many cluttered images; a network finds it in each, without labels and without boxes.",
        explanation=EXPLANATION,
        draw=form,
        preview=preview,
        uploads="locate_pictures",
        button="Find it",
    ),
)
