"""Align: a stack of images of one kind, without labels, brought to lie on top of each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.runs.live.blocks import Look
from core.runs.live.snapshots import Snapshot
from core.stn.align.freedoms import FREEDOMS
from core.stn.align.request import AlignRequest
from core.stn.align.turned_digits import WORDS, TurnedDigits, turned_digits
from core.stn.datasets.images import Picture
from core.stn.drawing.sheets import contact_sheet
from core.stn.geometry.families import FamilyName
from pages.parts import controls
from pages.parts.layout import mode, picture
from pages.parts.links.kept_uploads import RunFiles
from pages.parts.links.offered import offered_as
from pages.parts.progress import Rows, pictures_and_loss
from pages.parts.screen import Form, Screen
from pages.parts.stn import align_result
from pages.parts.uploads import stored, uploaded

PRESETS = {"10 s": 10.0, "20 s": 20.0, "1 min": 60.0}
EXPLANATION = (
    "**Congealing**: every image has a transformation $\\theta_i$ of its own, and all are changed together until the images, "
    "seen through them, differ as little as possible from the mean of the others: "
    "$\\min_{\\theta_1 \\ldots \\theta_N} \\sum_i \\rho\\bigl(\\mathcal{T}_{\\theta_i}(U_i) - \\bar V_{-i}\\bigr)$. "
    "First each image tries a ring of angles, then gradients do the rest, from blurred to sharp. The mean of all poses is "
    "held at zero, or the stack would shrink to nothing, where all images agree. Upright is not defined: the common pose "
    "is the mean one, and an angle is how far an image is turned against it. Different handwritings slant differently, which "
    "leaves a spread of angles that no method without labels can remove."
)


@dataclass(frozen=True)
class AlignChoice:
    """Images and settings; the angles are known where the lab has turned the images itself."""

    pictures: list[Picture]
    turned_deg: tuple[float, ...] | None
    family: FamilyName
    max_angle: float  # degrees
    budget: float  # seconds

    @property
    def size(self) -> float:
        """Of its request: seconds."""
        return float(self.budget)

    def request(self) -> AlignRequest:
        return AlignRequest(
            images=tuple(stored(one.pixels) for one in self.pictures),
            names=tuple(one.name for one in self.pictures),
            family=self.family,
            max_angle=self.max_angle,
            budget=self.budget,
            turned_deg=self.turned_deg,
        )


@st.cache_resource(max_entries=10, show_spinner=False)
def sample(label: int) -> TurnedDigits:
    return turned_digits(label)


def form() -> AlignChoice:
    own = uploaded("Your images of one kind, 5 to 100", "align_images", longest=384, flat=False)
    label = controls.segmented_control(
        "Or 30 digits, turned by us by up to ±40°", list(range(10)), default=7, key="align_digit",
        disabled=bool(own), required=True,
    )  # fmt: skip
    reach = controls.slider("Turned by up to", 10, 180, 45, 5, format="±%d°", key="align_angle")
    family: FamilyName = controls.segmented_control(
        "Family", list(FREEDOMS), default="similarity", key="align_family", required=True
    )
    preset = controls.segmented_control("Time at most", list(PRESETS), default="20 s", key="align_time", required=True)
    digits = sample(7 if label is None else label)
    pictures, turned_deg = (own, None) if own else (digits.pictures, digits.turned_deg)
    return AlignChoice(pictures, turned_deg, family, float(reach), PRESETS[preset or "20 s"])


def preview(choice: AlignChoice) -> None:
    """The stack as it is."""
    st.subheader("The images to align", anchor=False)
    pixels = [one.pixels for one in choice.pictures[: align_result.SHOWN]]
    picture(contact_sheet(pixels, [True] * len(pixels), mode()), "The images as they are, in rows")
    if choice.turned_deg:
        st.caption("Shipped digits that we have turned by up to ±40°. The method is not given these angles.")
    elif len(choice.pictures) > align_result.SHOWN:
        st.caption(f"The first {align_result.SHOWN} of {len(choice.pictures)}.")


def refill(request: AlignRequest) -> dict[str, Any]:
    """The form's controls as they are for a request, by key."""
    first = request.names[0].partition(" ")[0]
    label = WORDS.index(first) if request.turned_deg and first in WORDS else None
    return {
        **({"align_images": RunFiles.of(request.names, request.images)} if label is None else {"align_digit": label}),
        "align_angle": int(request.max_angle), "align_family": request.family,
        "align_time": offered_as(PRESETS, request.budget), "seed": request.seed,
    }  # fmt: skip


def live(snapshot: Snapshot, look: Look) -> Rows:
    return pictures_and_loss(snapshot, look, "The mean image as it becomes sharp", "The mean of all images so far")


SCREEN = Screen(
    show=align_result.show,
    learned=align_result.learned,
    live=live,
    refill=refill,
    form=Form(
        purpose="Give it images of one kind; without labels it finds how each is turned, until all lie on top of each other.",
        explanation=EXPLANATION,
        draw=form,
        preview=preview,
        uploads="align_images",
        button="Align",
    ),
)
