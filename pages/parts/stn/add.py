"""Add: networks learn the sum of two digits that move independently, with no, one or two spatial transformers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.runs.live.blocks import Column, Look, PictureBlock
from core.runs.live.snapshots import Snapshot
from core.stn.add.adders import TITLES, AdderName, spec_of
from core.stn.add.pictures import coloured
from core.stn.add.request import AddRequest
from core.stn.datasets.digits import shipped
from core.stn.geometry.families import FAMILIES, FamilyName
from pages.parts import controls
from pages.parts.layout import picture
from pages.parts.links.offered import offered_as
from pages.parts.progress import Rows, losses_block
from pages.parts.screen import Form, Screen
from pages.parts.stn import add_result
from pages.parts.stn.labelled.digits import MNIST, stored_mnist

PRESETS = {"1 min": 60.0, "5 min": 300.0, "20 min": 1200.0}
MODELS: dict[str, AdderName] = {title: name for name, title in TITLES.items()}
DIGITS = "5,000 digits"
PREVIEWS = 6
EXPLANATION = (
    "Two digits lie in two channels, each turned, scaled and shifted **by itself**; the network answers with one of 19 sums. A "
    "spatial transformer applies one $\\theta$ to both channels, so one transformer can put at most one of the digits upright. "
    "Two in **parallel** can take one each: every transformer sees both channels and passes both on, and the four channels "
    "they give are classified together. Which digit is whose is not given; that they share the work is learned from "
    "the sums alone (Jaderberg et al. 2015, appendix A.1)."
)


@dataclass(frozen=True)
class AddChoice:
    """Which digits and networks, and settings."""

    source: str
    models: tuple[AdderName, ...]
    family: FamilyName
    budget: float  # seconds a model

    @property
    def size(self) -> float:
        """Of its request: seconds."""
        return float(self.budget * len(self.models))

    def request(self) -> AddRequest:
        mnist = stored_mnist() if self.source == MNIST else ()
        return AddRequest(mnist=mnist, models=self.models, family=self.family, budget=self.budget)


def form() -> AddChoice:
    source = controls.segmented_control(
        "Digits", [DIGITS, MNIST], default=DIGITS, key="add_digits", required=True
    )  # fmt: skip
    titles = controls.pills(
        "Networks", list(MODELS), selection_mode="multi", default=["FCN", "ST-FCN", "2×ST-FCN"], key="add_models",
    )  # fmt: skip
    family: FamilyName = controls.selectbox("Family", list(FAMILIES), 3, key="add_family")
    preset = controls.segmented_control("Time for each", list(PRESETS), default="1 min", key="add_time", required=True)
    return AddChoice(source or DIGITS, tuple(MODELS[title] for title in titles), family, PRESETS[preset or "1 min"])


def preview(choice: AddChoice) -> None:
    """A few sums as the networks will be given them."""
    import torch  # here, so that this module loads without torch

    from core.stn.add.pairs import pairs_of
    from core.stn.datasets.labelled import Labelled
    from core.stn.geometry.pixels import pixels_of

    pairs = pairs_of(Labelled.of(shipped().test), PREVIEWS, torch.Generator().manual_seed(1))
    st.subheader("What the networks will see", anchor=False)
    with st.grid(PREVIEWS, min_column_width=100):
        for channels, (one, other) in zip(pixels_of(pairs.images), pairs.digits.tolist(), strict=True):
            picture(coloured(channels), f"A {one} in green above a {other} in orange", f"{one} + {other} = {one + other}")
    st.caption("The green digit and the orange one lie in channels of their own. Pairs and their poses are new at every step.")


def refill(request: AddRequest) -> dict[str, Any]:
    """The form's controls as they are for a request, by key."""
    return {
        "add_digits": MNIST if request.mnist else DIGITS, "add_models": [TITLES[name] for name in request.models],
        "add_family": request.family, "add_time": offered_as(PRESETS, request.budget), "seed": request.seed,
    }  # fmt: skip


def live(snapshot: Snapshot, look: Look) -> Rows:
    request = snapshot.run.request
    assert isinstance(request, AddRequest)
    alt = "Pairs of digits, and below what each transformer makes of them now"
    looking = [TITLES[name] for name in request.models if spec_of(name, request.family).spatial]
    names = [f"what the {title} makes of both digits" for title in looking]
    looks = [
        PictureBlock(alt, f"Above: pairs of digits. Below: {name} now.", snapshot.pictures[name])
        for name in names
        if name in snapshot.pictures
    ]
    return ((Column(looks or [PictureBlock(alt)], 3), Column([losses_block(snapshot, look, request.models)], 2)),)


SCREEN = Screen(
    show=add_result.show,
    live=live,
    refill=refill,
    form=Form(
        purpose="Two digits move independently; see why one spatial transformer is not enough to add them, and two are.",
        explanation=EXPLANATION,
        draw=form,
        preview=preview,
    ),
)
