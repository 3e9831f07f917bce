"""The state of the warp screen: theta, family and pixel, in the URL and, while something is dragged, in the session.

In the URL theta is in square coordinates: 6 numbers, 9 for a homography, 32 for a spline. While something is dragged it moves
here first; once it has settled it stands in the URL (not before: every step of a drag would be a step of Back).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st

from core.errors import InvalidRequest
from core.stn.datasets.images import Picture
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.theta import parse_theta
from core.stn.geometry.warping import Bend, Sampling
from core.stn.warp.controls import REACH, family_of, nearest_in, start
from pages.parts import controls
from pages.parts.warp import corner_points

_DIGITS = 5  # behind the point: a hundredth of a pixel in a picture of a thousand


@dataclass(frozen=True)
class Setting:
    """One picture and how it is bent: what every panel below the stage is given."""

    picture: Picture
    family: FamilyName
    theta: np.ndarray  # square coordinates
    sampling: Sampling

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.picture.pixels.shape[1], self.picture.pixels.shape[0]


def family() -> FamilyName:
    """The chosen family; a link that brings a theta and no family opens in the family of its kind."""
    if "family" not in st.session_state and "family" not in st.query_params:
        theta = _theta_in_url()
        of_points = st.query_params.get("show") == "Corners" and corner_points.given()  # which determine a homography
        st.session_state.family = "projective" if of_points else "affine" if theta is None else family_of(theta)
    chosen = controls.segmented_control(
        "Family of transformations", list(FAMILIES), default=None if "family" in st.session_state else "affine",
        required=True, key="family", wrap=True,
    )  # fmt: skip
    return chosen or "affine"


def _theta_in_url() -> np.ndarray | None:
    """Theta as the URL has it; None when it has none that can be used."""
    text = st.query_params.get("theta", "")
    return None if not text or refused(text) else parse_theta(text)


def refused(text: str, family: FamilyName | None = None) -> str:
    """Why the theta of a link cannot be used (in a family, where one is named), in a sentence; "" where it can, or is none."""
    if not text:
        return ""
    try:
        theta = parse_theta(text)
        largest = float(np.abs(theta).max())
        if family and largest <= REACH:
            nearest_in(family, theta)
    except InvalidRequest as error:
        return str(error)
    return f"a number in theta is {largest:g} in size; here at most {REACH:g} can be shown" if largest > REACH else ""


def current(family: FamilyName) -> np.ndarray:
    """Theta in its family: the URL's, until something here has moved it; a changed URL (a link, Back) counts again."""
    text = st.query_params.get("theta", "")
    if st.session_state.get("theta_read") != text:
        st.session_state.theta_read = text
        read = _theta_in_url()
        st.session_state.theta = start(family) if read is None else read
    try:
        st.session_state.theta = nearest_in(family, st.session_state.theta)
    except InvalidRequest:  # nothing of it lies in front of the camera
        st.session_state.theta = start(family)
    return st.session_state.theta


def homography(family: FamilyName) -> np.ndarray:
    """The homography nearest to theta, whose corners are shown; theta itself stays as it is, in its family."""
    if corner_points.given():
        return current("projective")
    try:
        return nearest_in("projective", current(family))
    except InvalidRequest:  # nothing of it lies in front of the camera
        return start("projective")


def bend_of(theta: np.ndarray, height: int, width: int) -> Bend:
    """A theta on a frame: one object for all who look at the same, which keeps what it has computed."""
    return _bend(theta.tobytes(), theta.dtype.str, theta.shape, height, width)


@lru_cache(maxsize=4)
def _bend(content: bytes, of: str, shape: tuple[int, ...], height: int, width: int) -> Bend:
    return Bend(np.frombuffer(content, of).reshape(shape).copy(), height, width)


def keep(theta: np.ndarray, *, settled: bool = True, with_points: bool = False) -> None:
    """Move theta. What has settled is exactly what the URL says, so that a link shows the same; points on the picture that are
    not those of this theta are forgotten."""
    st.session_state.theta = theta
    if settled and not with_points:
        corner_points.forget()
    if settled:
        text = " ".join(f"{number:.5g}" for number in theta.round(_DIGITS).ravel() + 0.0)  # and no -0
        st.session_state.theta_read = st.query_params["theta"] = text
        st.session_state.theta = parse_theta(text)


def pixel(width: int, height: int) -> tuple[int, int]:
    """The chosen output pixel, column and row: the URL's, else one above the middle."""
    try:
        column, row = (int(word) for word in st.query_params.get("pixel", "").split())
    except ValueError:
        column, row = 45 * width // 100, 3 * height // 10
    return min(width - 1, max(0, column)), min(height - 1, max(0, row))


def choose_pixel(column: int, row: int) -> None:
    st.query_params["pixel"] = f"{column} {row}"
