"""Register: one picture laid over another by gradient descent through the sampler, coarse to fine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.errors import InvalidRequest
from core.runs.live.blocks import Look
from core.runs.live.snapshots import Snapshot
from core.stn.datasets.images import Picture
from core.stn.datasets.samples import sample, sample_names
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.register.measures import MEASURES, MeasureName
from core.stn.register.request import RegisterRequest
from pages.parts import controls
from pages.parts.layout import picture, side_by_side
from pages.parts.links.kept_uploads import RunFiles
from pages.parts.links.offered import offered_as
from pages.parts.progress import Rows, pictures_and_loss
from pages.parts.screen import Form, Screen
from pages.parts.stn import register_result
from pages.parts.stn.labelled.refilled import samples_among
from pages.parts.uploads import stored, uploaded

MADE = "Itself, made otherwise"
MEASURE_NAMES: dict[str, MeasureName] = {row.title: row.name for row in MEASURES.values()}
EXPLANATION = (
    "**Registration** looks for the $\\theta$ by which one picture $A$, read through the sampler, is as like the other, $B$, "
    "as it can be: $\\min_\\theta L\\bigl(A(\\mathcal T_\\theta(G)), B\\bigr)$. Nothing is trained: the numbers of $\\theta$ "
    "are the weights, and each step follows $\\frac{\\partial L}{\\partial\\theta} = \\sum_i "
    "\\frac{\\partial L}{\\partial V_i} \\frac{\\partial V_i}{\\partial (x_i^s, y_i^s)} "
    "\\frac{\\partial (x_i^s, y_i^s)}{\\partial\\theta}$ (Jaderberg et al. 2015, eq. 7). "
    "A sampler reads the pixels next to a point, so its gradient is **local**: it leads to the nearest minimum, which is the "
    "right one only within a **basin** about as wide as what the picture shows there. A **pyramid** begins where only what is "
    "large is left, and comes to the details when they are near. Only points count that lie in both pictures; each ends in a "
    "mask that fades over two pixels, so that no pixel comes or goes with a jump. *Believed* is what both ways agree on, $A$ "
    "over $B$ and $B$ over $A$, and what correlates in its details."
)


@dataclass(frozen=True)
class RegisterChoice:
    """The picture that moves, the one that it is laid over, the truth where it is known, and settings."""

    moving: Picture
    fixed: Picture
    truth: np.ndarray | None
    family: FamilyName
    measure: MeasureName
    max_angle: float  # degrees
    by_points: bool = False  # begin where dragged points say
    missing: str = ""  # why the upload is no pair yet

    @property
    def size(self) -> float:
        return 1.0

    def request(self) -> RegisterRequest:
        if self.missing:
            raise InvalidRequest(self.missing)
        start: tuple[float, ...] = ()
        if self.by_points:
            from pages.parts.warp.start_points import dragged, start_of  # here, so that this module loads without torch

            start = tuple(start_of(dragged(), self.moving, self.fixed, self.family).ravel().tolist())
        first, second = (stored(one.pixels) for one in (self.moving, self.fixed))
        return RegisterRequest(
            images=(first, second),
            names=(self.moving.name, self.fixed.name),
            family=self.family,
            measure=self.measure,
            max_angle=self.max_angle,
            start=start,
            truth=() if self.truth is None else tuple(self.truth.ravel().tolist()),
        )


@st.cache_resource(max_entries=8, show_spinner=False)
def made(name: str, family: FamilyName, seed: int) -> tuple[Picture, np.ndarray]:
    from core.stn.register.pairs import made_pair  # here, so that this module loads without torch

    pair = made_pair(sample(name).pixels, family, seed)
    return Picture(f"{name} made otherwise ({seed})", pair.fixed), pair.truth


def form() -> RegisterChoice:
    own = uploaded("Your two pictures: the first is laid over the second", "register_images", longest=384)
    first = controls.selectbox("Or a sample", sample_names(), key="register_picture", disabled=bool(own))
    others = [MADE, *(name for name in sample_names() if name != first)]
    over = controls.selectbox("Laid over", others, key="register_over", disabled=bool(own))
    family: FamilyName = controls.selectbox("Family", list(FAMILIES), 2, key="register_family")
    seed = controls.number_input(
        "Pair", 0, 9999, 0, key="register_pair", disabled=bool(own) or over != MADE,
        help="Another number is turned, scaled and shifted otherwise, in another light.",
    )  # fmt: skip
    title = controls.selectbox("As like as possible by", list(MEASURE_NAMES), 1, key="register_measure")
    reach = controls.slider("Turned by up to", 0, 180, 45, 5, format="±%d°", key="register_angle")
    by_points = controls.toggle(
        "Begin with points", key="register_points", help="Drag four points or more to the same things on both pictures"
    )
    moving, fixed, truth = _pair(own, first, over, family, int(seed))
    missing = ""
    if len(own) not in (0, 2):
        some = "1 picture is" if len(own) == 1 else f"{len(own)} pictures are"
        missing = f"{some} uploaded; upload two, the first is laid over the second"
    return RegisterChoice(moving, fixed, truth, family, MEASURE_NAMES[title], float(reach), by_points, missing)


def _pair(
    own: list[Picture], first: str, over: str, family: FamilyName, seed: int
) -> tuple[Picture, Picture, np.ndarray | None]:
    """The picture that moves, the one that it is laid over, and the truth if it is known."""
    if own:
        return own[0], own[-1], None
    if over != MADE:
        return sample(first), sample(over), None
    fixed, truth = made(first, family, seed)
    return sample(first), fixed, truth


def preview(choice: RegisterChoice) -> None:
    """Both pictures."""
    if choice.missing:
        st.info(f"{choice.missing}.", icon=":material/arrow_back:")
        return
    st.subheader("One picture, and the one that it is laid over", anchor=False)
    if choice.by_points:
        from pages.parts.warp import start_points  # here, so that this module loads without torch

        start_points.show(choice.moving, choice.fixed, choice.family)
    else:
        one, other = side_by_side(1, 1)
        with one:
            picture(choice.moving.pixels, "The picture that moves", "The picture that moves")
        with other:
            picture(choice.fixed.pixels, "The picture that it is laid over", "The picture that it is laid over")
    if choice.truth is not None:
        st.caption(
            "We have made the second from the first, so the error at its corners will be told. The descent is not given it."
        )


def refill(request: RegisterRequest) -> dict[str, Any]:
    """The form's controls as they are for a request, by key."""
    first, second = request.names
    begin, end = f"{first} made otherwise (", ")"
    if request.truth and first in sample_names() and second.startswith(begin) and second.endswith(end):
        pictures: dict[str, Any] = {
            "register_picture": first, "register_over": MADE, "register_pair": second.removeprefix(begin).removesuffix(end),
        }  # fmt: skip
    elif photos := samples_among(request.names, request.images):
        pictures = {"register_picture": photos[0], "register_over": photos[1]}
    else:
        pictures = {"register_images": RunFiles.of(request.names, request.images)}
    return {
        **pictures,
        "register_family": request.family, "register_measure": offered_as(MEASURE_NAMES, request.measure),
        "register_angle": int(request.max_angle),
    }  # fmt: skip


def live(snapshot: Snapshot, look: Look) -> Rows:
    alt = "Both pictures in the squares of a checkerboard, as they lie now"
    return pictures_and_loss(snapshot, look, alt, "In the squares of a checkerboard: where edges go on, it lies right.")


SCREEN = Screen(
    show=register_result.show,
    live=live,
    refill=refill,
    form=Form(
        purpose="Lay one picture over another: the numbers of θ go down the gradient that comes back through the sampler.",
        explanation=EXPLANATION,
        draw=form,
        preview=preview,
        button="Register",
    ),
)
