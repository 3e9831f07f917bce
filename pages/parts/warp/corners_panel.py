"""The panel on corners: points on the picture are dragged, a page becomes a rectangle, or each goes to its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath
from threading import Lock

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import InvalidRequest
from core.stn.datasets.images import Picture
from core.stn.datasets.picture_files import bent, file_of
from core.stn.geometry.kernels import KERNELS
from core.stn.geometry.kinds import in_square
from core.stn.geometry.warping import Sampling
from core.stn.warp.controls import REACH
from core.stn.warp.corners import PutRight, Size, in_percent
from pages.parts import controls
from pages.parts.layout import explain, plain, side_by_side, table
from pages.parts.task import report
from pages.parts.uploads import at_full_size
from pages.parts.warp import corner_points as points
from pages.parts.warp import stage
from pages.parts.warp.corner_points import Pairs
from pages.parts.warp.state import Setting, keep
from pages.parts.warp.theta_panel import matrix, sampling_options

RECTANGLE, PLACES = "A rectangle", "Places that I drag"
BEYOND = "The corners of this grid lie beyond what is shown here; θ stays as it is until one of them is dragged into sight."
ROUNDING = 1e-12  # what is left of an entry that is 0
QUICK = "bicubic"  # kernel, where the chosen one would take minutes for millions of pixels
ONE_AT_A_TIME = Lock()  # pictures of full size, for the memory of the server
EXPLAINED = """A homography has eight free numbers, and each pair of a point and its place gives two equations: four pairs
determine it. The equations are linear in the nine entries of θ, up to a factor (the **direct linear transform**): of the matrix
of all equations the singular vector with the smallest singular value is the solution. Points are first moved to mean 0 and
scaled, because in pixels the columns differ by six orders of magnitude, which the two conditions show. With more than four
pairs none is met exactly, and the sum of squared distances on the input is made smallest from there (Hartley & Zisserman 2004,
sections 4.1 to 4.4).

A **rectangle** photographed by a camera with square pixels and its axis in the middle of the picture tells its own proportions
(Zhang & He 2007); where its sides look parallel they are told by a usual focal length.
"""


def is_rectangle() -> bool:
    """Whether the points are to become the corners of a rectangle."""
    return bool(st.session_state.get("bring") != PLACES)


def choose(theta: np.ndarray, size: Size) -> None:
    """Where the points are brought, with buttons for more and fewer of them; drawn before the stage, which shows it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.segmented_control("Bring the points to", (RECTANGLE, PLACES), default=RECTANGLE, required=True, key="bring")
        pairs = points.current(points.corners_of(theta, size))
        if not is_rectangle() and not points.beyond(theta, size):
            points.more_and_fewer(pairs, theta, size)


def solved(pairs: Pairs, size: Size, rectangle: bool) -> tuple[PutRight | None, str]:
    """What the pairs ask for, and why nothing, in a sentence."""
    try:
        right = pairs.put_right(size, rectangle)
    except InvalidRequest as error:
        return None, f"{str(error)[0].upper()}{str(error)[1:]}."
    if np.abs(in_square(right.frame_theta, *size)).max() > REACH:
        return None, "The places lie so near to each other that nothing could be seen; draw them apart."
    return right, ""


def shown(pairs: Pairs, theta: np.ndarray, size: Size, rectangle: bool) -> tuple[PutRight | None, str]:
    """The same for the stage, which shows theta itself where its corners lie beyond it."""
    return (None, "") if points.beyond(theta, size) else solved(pairs, size, rectangle)


def on_move(theta: np.ndarray, size: Size, rectangle: bool) -> None:
    """A point or place was moved on the stage: theta follows where there is one."""
    last = stage.last_move()
    if not (last.points or last.places or points.dragging()):  # a handle was pressed and not moved
        return
    pairs = points.moved(points.current(points.corners_of(theta, size)), last)
    right, _ = solved(pairs, size, rectangle)
    if right:
        keep(in_square(right.frame_theta, *size), settled=last.settled)
    points.keep(pairs, settled=last.settled)
    if last.settled:
        st.session_state.family = "projective"


def show(setting: Setting) -> None:
    """The numbers of the homography, what is missed, the picture at its full size."""
    if points.beyond(setting.theta, setting.size):
        st.info(BEYOND, icon=":material/open_in_full:")
        return
    rectangle = is_rectangle()
    pairs = points.current(points.corners_of(setting.theta, setting.size))
    right, sentence = solved(pairs, setting.size, rectangle)
    if right is None:
        st.error(plain(sentence), icon=":material/error:")
        return
    if right.note:
        st.warning(plain(f"{right.note[0].upper()}{right.note[1:]}."), icon=":material/warning:")
    report({"residual": right.rms})
    left, words = side_by_side(3, 2)
    with left:
        _matrices(right)
    with words:
        _conditions(right)
        _residuals(pairs, right, setting.size, rectangle)
        _download(setting, pairs, rectangle)
    with controls.fold("The same on the command line", key="command") as unfolded:
        if unfolded:
            st.code(_command(setting, pairs, right, rectangle), language="bash", wrap_lines=True)
    explain(EXPLAINED, "How four points determine it", key="why")


def _matrices(right: PutRight) -> None:
    st.markdown("**The homography**, from output to input, in pixels, and its **inverse**")
    for name, entries in (("H", right.pixel_theta), ("H^{-1}", right.pixel_inverse)):
        st.latex(rf"\small {name} = {matrix([[_number(entry) for entry in row] for row in entries])}")


def _number(entry: float) -> str:
    digits, _, power = f"{entry if abs(entry) > ROUNDING else 0.0:.4g}".partition("e")
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits


def _conditions(right: PutRight) -> None:
    st.markdown(
        f"Condition of θ **{right.fit.condition:.3g}**: its largest singular value over its smallest, in half short sides. "
        f"Condition of the equations **{right.fit.equations_condition:.3g}**, of points that are centred and scaled first; "
        f"in pixels it would be **{right.pixel_equations_condition:,.0f}**."
    )


def _residuals(pairs: Pairs, right: PutRight, size: Size, rectangle: bool) -> None:
    count = len(right.residuals)
    if count == points.FEWEST:
        st.markdown("Four pairs are met **exactly**." if not rectangle else "Four corners are met **exactly**.")
        return
    worst = int(right.residuals.argmax())
    st.markdown(
        f"{count} pairs are missed by **{right.rms:.2f} px** (root mean square, on the input as it is shown), most of all "
        f"{worst + 1}, by **{right.residuals[worst]:.2f} px**."
    )
    on_input, on_output = ((of + 1) / 2 * np.array(size) for of in (pairs.points, pairs.places))
    shown = pd.DataFrame({
        "point": range(1, count + 1), "x": on_input[:, 0], "y": on_input[:, 1], "place x": on_output[:, 0],
        "place y": on_output[:, 1], "missed by": right.residuals,
    })  # fmt: skip
    table(shown.round(2))


def _download(setting: Setting, pairs: Pairs, rectangle: bool) -> None:
    picture, sampling = setting.picture, setting.sampling
    if KERNELS[sampling.kernel].in_torch is None:
        sampling = replace(sampling, kernel=QUICK)
        st.caption(f"At its full size it is read by the {QUICK} kernel; on the command line by any.")
    name = f"{PurePath(picture.name).stem}-{'rectangle' if rectangle else 'put-right'}.png"
    data = _maker(at_full_size("warp", picture), pairs, sampling, rectangle, name)
    controls.download_button(
        "The picture at its full size", data, name, "image/png", on_click="ignore", key="download", icon=":material/download:"
    )


def _maker(read: Callable[[], Picture], pairs: Pairs, sampling: Sampling, rectangle: bool, name: str) -> Callable[[], bytes]:
    """What makes the file, in a thread of its own, once it is wanted."""

    def made() -> bytes:
        with ONE_AT_A_TIME:
            return put_right_file(read(), pairs, sampling, rectangle, name)

    return made


def put_right_file(picture: Picture, pairs: Pairs, sampling: Sampling, rectangle: bool, name: str) -> bytes:
    """The file of a picture that its points put right."""
    right = pairs.put_right(picture.pixels.shape[1::-1], rectangle)
    return file_of(name, bent(picture, right.theta, sampling, right.size[::-1])).content


def _command(setting: Setting, pairs: Pairs, right: PutRight, rectangle: bool) -> str:
    on_input, on_output = (in_percent((of + 1) / 2, (1, 1)) for of in (pairs.points[: len(right.residuals)], pairs.places))
    to = "" if rectangle else f' --to "{on_output}"'
    return f'python -m core warp PHOTO --corners "{on_input}"{to} {sampling_options(setting.sampling)} --out right.png'
