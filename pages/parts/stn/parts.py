"""Parts: networks that look at several small crops of a picture, on scenes with two cues or on one's own labelled pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.runs.live.blocks import Look
from core.runs.live.snapshots import Snapshot
from core.stn.datasets.decoding.folders import LabelledPicture, LabelledPictures, without_copies
from core.stn.datasets.labels import check_labels, squares
from core.stn.drawing.sheets import tiled
from core.stn.parts.cues import CLASSES
from core.stn.parts.looks import SIDES, TITLES, LooksName
from core.stn.parts.pictures import COLUMNS, thumbnails
from core.stn.parts.request import PartsRequest
from pages.parts import controls
from pages.parts.layout import mode, picture
from pages.parts.links.offered import offered_as
from pages.parts.progress import Rows, pictures_and_loss
from pages.parts.screen import Form, Screen
from pages.parts.stn.labelled.own_pictures import counted, own_pictures
from pages.parts.stn.labelled.refilled import labelled_files
from pages.parts.stn.parts_screen import result
from pages.parts.uploads import stored

SCENES, OWN = "Scenes with two cues", "Your own"
PRESETS = {"30 s": 30.0, "1 min": 60.0, "5 min": 300.0, "20 min": 1200.0}
MODELS: dict[str, LooksName] = {title: name for name, title in TITLES.items()}
PREVIEWS = 12
EXPLANATION = (
    "Each **transformer** cuts a square of fixed size out of the picture and learns only where: $A_\\theta = "
    "\\begin{bmatrix} s & 0 & t_x \\\\ 0 & s & t_y \\end{bmatrix}$ with a fixed $s$. A feature network of its own reads the "
    "crop; what all of them found is classified together (Jaderberg et al. 2015, section 4.3: two came to see a "
    "bird's head and its body). The **localisation network** that they share sees the picture made small and draws a map $p$ "
    "(a softmax) for each; where to look is the map's mean about its peak, $(t_x, t_y) = \\sum_{ij} p_{ij}\\,(x_j, y_i)$. No "
    "place is given: only errors of the class train it. In the first half of the learning they come from an auxiliary "
    "classifier, $\\hat{c} = W \\big(\\sum_{ij} p_{ij}\\,f_{ij}^3\\big)^{1/3}$, whose features $f$ see all of the picture in "
    "detail (soft attention; in a generalised mean a small cue is not lost); then also through the crops, whose gradient is "
    "local. Crops fade to grey towards their edges. Beside them can learn a CNN with as many weights that sees the whole "
    "picture in full detail, and a network that sees the whole, as small as a crop is seen."
)


@dataclass(frozen=True)
class PartsChoice:
    """Pictures and settings; own pictures that are none: an upload is still missing."""

    source: str
    given: LabelledPictures
    models: tuple[LooksName, ...]
    side: int
    budget: float  # seconds a network

    @property
    def pictures(self) -> list[LabelledPicture]:
        return self.given.pictures

    @property
    def size(self) -> float:
        """Of its request: seconds."""
        return float(self.budget * len(self.models))

    def request(self) -> PartsRequest:
        if self.source == SCENES:
            return PartsRequest(models=self.models, side=self.side, budget=self.budget)
        kept = without_copies(self.pictures)
        if not kept:
            check_labels([])  # a request without pictures would be one of scenes
        return PartsRequest(
            images=tuple(stored(one.picture.pixels) for one in kept),
            names=tuple(one.picture.name for one in kept),
            labels=tuple(one.label for one in kept),
            tested=tuple(one.tested for one in kept) if self.given.split else (),
            models=self.models,
            side=self.side,
            budget=self.budget,
        )


def form() -> PartsChoice:
    source = controls.segmented_control("Pictures", [SCENES, OWN], default=SCENES, key="parts_images", required=True)
    given = own_pictures("parts") if source == OWN else LabelledPictures([])
    default = [TITLES[name] for name in ("cnn", "1xst", "2xst")]
    titles = controls.pills("Networks", list(MODELS), selection_mode="multi", default=default, key="parts_models")
    side = controls.segmented_control("Pixels a side", list(SIDES), default=SIDES[-1], key="parts_side", required=True)
    preset = controls.segmented_control("Time for each", list(PRESETS), default="1 min", key="parts_time", required=True)
    models = tuple(MODELS[title] for title in titles)
    return PartsChoice(source or SCENES, given, models, side or SIDES[-1], PRESETS[preset or "1 min"])


def preview(choice: PartsChoice) -> None:
    """A few pictures as the networks will be given them."""
    if choice.source == OWN and not choice.pictures:
        st.info("Upload a ZIP with one folder a class, or pictures and type their classes.", icon=":material/arrow_back:")
        return
    st.subheader("What the networks will see", anchor=False)
    if choice.source == OWN:
        shown = choice.pictures[:: max(1, len(choice.pictures) // PREVIEWS)][:PREVIEWS]
        pixels = squares([one.picture.pixels for one in shown], choice.side)
        words = counted(choice.given, choice.side)
    else:
        import torch  # here, so that this module loads without torch

        from core.stn.parts.scenes import scenes_of

        pixels = scenes_of(PREVIEWS, choice.side, torch.Generator().manual_seed(1)).images.numpy()
        words = (
            f"Photos with a pink disc and a blue square, each with stripes that lie or are upright: {len(CLASSES)} classes, "
            "one for each pair. No crop shows any of both. New ones at every step; those of the test are on other photos."
        )
    picture(tiled(list(thumbnails(pixels)), COLUMNS, mode()), "Pictures that the networks learn from")
    st.caption(words)


def refill(request: PartsRequest) -> dict[str, Any]:
    """The form's controls as they are for a request, by key."""
    own = {"parts_photos": labelled_files(request.names, request.labels, request.tested, request.images)}
    return {
        **(own if request.images else {}),
        "parts_images": OWN if request.images else SCENES, "parts_models": [TITLES[name] for name in request.models],
        "parts_side": request.side, "parts_time": offered_as(PRESETS, request.budget), "seed": request.seed,
    }  # fmt: skip


def live(snapshot: Snapshot, look: Look) -> Rows:
    alt = "Pictures of the test with the squares where the transformers look now"
    return pictures_and_loss(snapshot, look, alt, "Where it looks now: one colour for each transformer.", aspect=3.0)


SCREEN = Screen(
    show=result.show,
    live=live,
    refill=refill,
    form=Form(
        purpose="Two or four transformers look at small parts of a picture; see which parts they find, and whether it pays.",
        explanation=EXPLANATION,
        draw=form,
        preview=preview,
    ),
)
