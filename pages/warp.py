"""The warp screen: an image is bent by dragging; grid and output follow; a panel below shows one aspect of it.

During a drag only the stage runs again; the panel below follows when it has ended.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.stn.datasets.images import Picture, to_png
from core.stn.drawing.grid_lines import hatched
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kernels import KERNELS, PADDINGS
from core.stn.geometry.kinds import in_square, reach
from core.stn.geometry.warping import Bend, Sampling
from core.stn.warp.controls import SHAPES, identity_of, moved, turned
from core.stn.warp.stage_files import grid_table, stage_svg
from core.system.spreadsheet import to_csv
from core.theme import PALETTES
from pages.parts import controls
from pages.parts.layout import explain, heading, mistakes_shown, mode, plain
from pages.parts.saving.menu import save_menu
from pages.parts.task import report
from pages.parts.uploads import one_picture
from pages.parts.warp import aliasing_panel as aliased
from pages.parts.warp import corner_points, stage
from pages.parts.warp import corners_panel as corners
from pages.parts.warp import gradient_panel as gradients
from pages.parts.warp import pixel_panel as pixels
from pages.parts.warp import resampling_panel as resampled
from pages.parts.warp import step_panel as stepped
from pages.parts.warp import theta_panel as theta
from pages.parts.warp.in_words import warp_in_words
from pages.parts.warp.state import Setting, bend_of, choose_pixel, current, family, homography, keep, pixel, refused

SIDE = 256  # pixels: pictures are bent at this size, so that dragging stays fluent
CORNERS, OF_POINTS = "Corners", "theta of the points"
SECTIONS = {
    "Theta": theta, CORNERS: corners, "Pixel": pixels, "Gradients": gradients, "Step": stepped, "Resampling": resampled,
    "Aliasing": aliased,
}  # fmt: skip


def sampler() -> Sampling:
    """How the input is read: kernel, padding, and what belongs to them."""
    kernel = controls.selectbox("Kernel k", list(KERNELS), index=1, key="kernel", width=160)
    padding = controls.selectbox("Outside", list(PADDINGS), key="padding", width=160)
    phi = Sampling().phi
    if KERNELS[kernel].width:
        phi = controls.slider("Φ, pixels", 0.2, 4.0, 1.0, 0.1, key="phi", width=200)
    antialias = controls.toggle("Antialias", key="antialias", help="Where the grid zooms out, read a smoothed copy")
    return Sampling(kernel, padding, phi, antialias)


def marks() -> list[str]:
    return controls.pills(
        "Show", ["grid", "outside"], default=["grid"], selection_mode="multi", key="marks",
        help="The grid on both pictures; red stripes on the output where it looks outside the input",
    )  # fmt: skip


def presets(chosen: FamilyName) -> None:
    """The identity, and for splines some shapes."""
    controls.button(
        "Identity", key="identity", on_click=lambda: keep(identity_of(chosen)), help="The grid that changes nothing: V = U"
    )
    if FAMILIES[chosen].kind.handles:
        for name, shape in SHAPES.items():
            controls.button(name.capitalize(), key=f"shape_{name}", on_click=lambda shape=shape: keep(shape()))


def on_move(picture: Picture, chosen: FamilyName) -> None:
    """A dial, a handle or a pixel was moved on the stage."""
    last = stage.last_move()
    height, width = picture.pixels.shape[:2]
    bent = turned(current(chosen), chosen, last.dials) if last.dials else current(chosen)
    if last.points and FAMILIES[chosen].kind.handles:
        across, down = reach(width, height)
        bent = moved(bent, {number: (x * across, y * down) for number, (x, y) in last.points.items()})
    if last.pixel:
        choose_pixel(*last.pixel)
        if not controls.hidden("show"):
            st.session_state.show = "Pixel"
    else:  # on release there may be no further move to report
        keep(bent, settled=last.settled)
    st.session_state.settled = last.settled


@st.fragment
def stage_alone(picture: Picture, chosen: FamilyName, sampling: Sampling, marked: list[str], section: str) -> None:
    """The stage, as a fragment: only this runs again while something is dragged."""
    if st.session_state.pop("settled", False):
        st.rerun()
    if section == CORNERS:
        with_corners(picture, chosen, sampling, marked)
    else:
        with_dials(picture, chosen, sampling, marked, section)


def with_corners(picture: Picture, chosen: FamilyName, sampling: Sampling, marked: list[str]) -> None:
    """The stage with points on the input, and with places on the output where these are dragged, too."""
    height, width = picture.pixels.shape[:2]
    bent, rectangle = homography(chosen), corners.is_rectangle()
    pairs = corner_points.current(corner_points.corners_of(bent, (width, height)))
    right, sentence = corners.shown(pairs, bent, (width, height), rectangle)
    bend = bend_of(bent, height, width) if right is None else bend_of(right.theta, *right.size[::-1])
    bent = bent if right is None else in_square(right.frame_theta, width, height)
    st.session_state[OF_POINTS] = bent

    def moved() -> None:
        corners.on_move(bent, (width, height), rectangle)
        st.session_state.settled = stage.last_move().settled

    stage.show(
        stage.Scene(
            picture.name, picture.pixels, output(picture, bend, sampling, marked),
            bent, "projective", sentence or warp_in_words(bend, sampling), mode(), "grid" in marked,
            points=pairs.points[: 4 if rectangle else None], places=None if rectangle else pairs.places,
        ),
        moved,
    )  # fmt: skip


def with_dials(picture: Picture, chosen: FamilyName, sampling: Sampling, marked: list[str], section: str) -> None:
    """The stage with the dials of the family, or the points of a spline."""
    height, width = picture.pixels.shape[:2]
    bend = bend_of(current(chosen), height, width)
    chosen_pixel = pixel(width, height) if section == "Pixel" else None
    looks = bend.grid[0, chosen_pixel[1], chosen_pixel[0]].tolist() if chosen_pixel else None
    words = warp_in_words(bend, sampling)
    if chosen_pixel:
        words = f"{words}\n{pixels.sum_in_words(picture, bend, sampling, chosen_pixel)}"
    stage.show(
        stage.Scene(
            picture.name, picture.pixels, output(picture, bend, sampling, marked), bend.theta, chosen,
            words, mode(), "grid" in marked, chosen_pixel, looks,
        ),
        lambda: on_move(picture, chosen),
    )  # fmt: skip
    report(facts_of(bend, chosen, sampling))


def save_stage(picture: Picture, chosen: FamilyName, sampling: Sampling, marked: list[str]) -> None:
    """The words that save what is on the stage when they are pressed."""

    def bend() -> Bend:
        return bend_of(current(chosen), *picture.pixels.shape[:2])

    def drawn() -> np.ndarray:
        return output(picture, bend(), sampling, marked)

    files = {
        "svg": lambda: stage_svg(picture.pixels, drawn(), bend(), mode()),
        "png": lambda: to_png(drawn()),
        "csv": lambda: to_csv(grid_table(bend())),
    }
    save_menu("stage", f"gridcast-warp-{picture.name}", files)


def facts_of(bend: Bend, chosen: FamilyName, sampling: Sampling) -> dict[str, str | float]:
    """What tasks may ask for, see `core.lessons.facts`."""
    numbers = bend.theta.ravel().tolist() if bend.theta.shape == (2, 3) else []
    theta = {f"theta_{letter}": number for letter, number in zip("abcdef", numbers, strict=False)}
    moved = {"grid_moved": bend.farthest, "outside": 100 * float(bend.outside.mean())}
    return {"family": chosen, "kernel": sampling.kernel, **moved, **theta}


def output(picture: Picture, bend: Bend, sampling: Sampling, marked: list[str]) -> np.ndarray:
    """V; with stripes where it folds, and on request where it looks outside."""
    palette, drawn = PALETTES[mode()], bend.of(picture.pixels, sampling)
    if "outside" in marked:
        drawn = hatched(drawn, bend.outside, palette.fail)
    return drawn if bend.folded.all() else hatched(drawn, bend.folded, palette.warn)


def section_chosen() -> None:
    """To look at the corners of θ changes nothing; points that were given determine a homography, which stays."""
    bent = st.session_state.pop(OF_POINTS, None)
    if st.session_state.show == CORNERS:
        if not st.query_params.get("theta"):
            keep(current(st.session_state.get("family") or "affine"), with_points=True)  # so that its corners are shown
    elif bent is not None and corner_points.given():
        st.session_state.family = "projective"
        keep(bent, with_points=True)


heading("Warp", "Bend an image by hand. The grid shows where every output pixel looks.")
with st.container(horizontal=True, vertical_alignment="bottom"):
    with mistakes_shown():
        picture = one_picture("warp", SIDE)
    chosen = family()
st.caption(f"{FAMILIES[chosen].title}: {len(FAMILIES[chosen].parameters)} numbers")
if reason := refused(st.query_params.get("theta", ""), chosen):
    st.warning(plain(f"The theta of this link is not used, the start is shown: {reason}."), icon=":material/link_off:")
if given := [name for name in st.query_params if any(f"{one.name}_".startswith(f"{name}_") for one in FAMILIES[chosen].dials)]:
    st.warning(f"{given[0]} in this link is not used: what the dials say stands in its theta.", icon=":material/link_off:")
on_stage = st.container()
with st.container(horizontal=True, vertical_alignment="bottom"):
    sampling = sampler()
    marked = marks()
    presets(chosen)
section = controls.segmented_control(
    "Look closer at", list(SECTIONS), default="Theta", required=True, key="show", on_change=section_chosen
) or "Theta"  # fmt: skip
if section == CORNERS:
    corners.choose(homography(chosen), picture.pixels.shape[1::-1])
    if FAMILIES[chosen].kind.handles and st.query_params.get("theta") and not corner_points.given():
        st.caption("A spline has more than four corners: those of the homography nearest to it are shown, and it stays.")
with on_stage:
    stage_alone(picture, chosen, sampling, marked, section)
    if section != CORNERS:
        save_stage(picture, chosen, sampling, marked)
with mistakes_shown():
    shown = homography(chosen) if section == CORNERS else current(chosen)
    SECTIONS[section].show(Setting(picture, chosen, shown, sampling))
explain(
    "For every pixel of the **output**, $T_\\theta$ says where to look in the **input**: the map runs backwards. So a scale "
    "above 1 shows the picture smaller, and a shift to the right shows it moved to the left. The sampler then blends the "
    "pixels around that place, $V_i = \\sum_n \\sum_m U_{nm}\\, k(x_i^s - m; \\Phi_x)\\, k(y_i^s - n; \\Phi_y)$. Both axes "
    "have the same unit, the short side spans [-1, 1]: a rotation stays a rotation in a picture that is not square. "
    "Take the grid on the input: it is dragged, with Shift turned and made larger, with two fingers all of it. With "
    "$T_I(G) = G$ the grid lies still and the output equals the input: press *Identity*. Everything here stands in the "
    "address, except a picture of your own: a link to it opens with the sample instead."
)
