"""The points of the panel on corners and where they belong, in the URL and, while one is dragged, in the session.

In the URL they are in percent of width and height, so that they mean the same at every size of a picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core.errors import InvalidRequest
from core.stn.geometry.kinds import reach, through
from core.stn.geometry.point_pairs import FEWEST
from core.stn.warp.corners import CORNERS, PutRight, Size, points_of, put_right
from pages.parts import controls
from pages.parts.warp.stage import Move

FARTHEST = 1.3  # of a frame's coordinates, ±1 being its edges: what the stage shows
MOST = 12
START = np.array([[-0.7, -0.75], [0.8, -0.85], [0.65, 0.85], [-0.85, 0.7]])  # of a link that has no theta
_URL = ("points", "places")
_PERCENT = (100, 100)  # as a size: points in percent are read as pixels of it


@dataclass(frozen=True)
class Pairs:
    """Points (N, 2) on the input and where they belong on the output, each in the coordinates of its frame: ±1 its edges."""

    points: np.ndarray
    places: np.ndarray

    def put_right(self, size: Size, rectangle: bool) -> PutRight:
        """What they ask for of a picture of this size. InvalidRequest where they determine no homography."""
        points = _pixels(self.points, size)
        return put_right(points[:FEWEST], size) if rectangle else put_right(points, size, _pixels(self.places, size))


def _pixels(points: np.ndarray, size: Size) -> np.ndarray:
    return (points + 1) / 2 * np.array(size)


def _read(name: str) -> np.ndarray | None:
    """Points of the URL; None where it has none that can be read."""
    try:
        points = points_of(st.query_params.get(name, ""), _PERCENT, name) / 50 - 1
    except InvalidRequest:
        return None
    return points.clip(-FARTHEST, FARTHEST) if FEWEST <= len(points) <= MOST and np.isfinite(points).all() else None


def dragging() -> bool:
    """Whether points are on their way: dragged, and not yet let go."""
    return "dragged_pairs" in st.session_state


def given() -> bool:
    """Whether points were dragged or stand in the URL: they determine theta; else they only show where theta looks."""
    return dragging() or any(_read(name) is not None for name in _URL)


def _looked_at(theta: np.ndarray, places: np.ndarray, size: Size) -> np.ndarray:
    """Where theta looks from places of the output."""
    scale = np.array(reach(*size))
    return through(theta, places * scale) / scale


def beyond(theta: np.ndarray, size: Size) -> bool:
    """Whether theta looks from a corner of the output farther than the stage shows, so that its corners cannot stand for it."""
    corners = _looked_at(theta, CORNERS, size)
    return bool(st.query_params.get("theta")) and not given() and bool(np.abs(corners).max() > FARTHEST)


def corners_of(theta: np.ndarray, size: Size) -> Pairs:
    """Where a theta of the URL looks from the output's corners, at the edge of the stage where that is beyond it; without a
    theta, what shows at once what a homography does."""
    corners = _looked_at(theta, CORNERS, size).clip(-FARTHEST, FARTHEST)
    return Pairs(corners if st.query_params.get("theta") else START, CORNERS)


def current(usual: Pairs) -> Pairs:
    """The pairs: the URL's, until something here has moved them; without any, the usual ones."""
    texts = tuple(st.query_params.get(name, "") for name in _URL)
    if st.session_state.get("pairs_read") != texts or "pairs" not in st.session_state or not any(texts):
        points, places = (_read(name) for name in _URL)
        if points is None:
            points = usual.points
        if places is None or len(places) != len(points):
            places = usual.places if len(points) == FEWEST else points
        st.session_state.pairs, st.session_state.pairs_read = Pairs(points, places), texts
    pairs: Pairs = st.session_state.get("dragged_pairs") or st.session_state.pairs
    return pairs


def keep(pairs: Pairs, *, settled: bool = True) -> None:
    """Move the pairs. What has settled stands in the URL."""
    if not settled:
        st.session_state.dragged_pairs = pairs
        return
    st.session_state.pop("dragged_pairs", None)
    st.session_state.pop("pairs_read", None)  # they are read again as the URL says them, so that a link shows the same
    for name, points in zip(_URL, (pairs.points, pairs.places), strict=True):
        st.query_params[name] = " ".join(f"{x:.2f},{y:.2f}" for x, y in (points + 1) * 50 + 0.0)


def forget() -> None:
    """Theta was moved by something else: what the points said holds no longer."""
    for name in ("pairs", "pairs_read", "dragged_pairs"):
        st.session_state.pop(name, None)
    for name in _URL:
        st.query_params.pop(name, None)


def moved(pairs: Pairs, move: Move) -> Pairs:
    """The pairs after some were dragged."""
    return replace(pairs, points=_after(pairs.points, move.points), places=_after(pairs.places, move.places))


def _after(points: np.ndarray, move: dict[int, tuple[float, float]]) -> np.ndarray:
    after = points.copy()
    for number, place in move.items():
        if 0 <= number < len(after):
            after[number] = np.nan_to_num(place).clip(-FARTHEST, FARTHEST)
    return after


def _with_one_more(pairs: Pairs, theta: np.ndarray, size: Size) -> Pairs:
    """Another pair, where no other is, that theta connects already."""
    free = np.stack(np.meshgrid([0, -0.5, 0.5], [0, -0.5, 0.5]), axis=-1).reshape(-1, 2)
    apart = np.linalg.norm(free[:, None] - pairs.places[None], axis=-1).min(axis=1)
    place = free[np.argmax(apart > 0.2)]
    point = _looked_at(theta, place, size).clip(-FARTHEST, FARTHEST)
    return Pairs(np.vstack([pairs.points, point]), np.vstack([pairs.places, place]))


def more_and_fewer(pairs: Pairs, theta: np.ndarray, size: Size) -> None:
    """Two buttons: one pair more, that theta connects already, and one fewer."""
    fewer = Pairs(pairs.points[:-1], pairs.places[:-1])
    controls.button(
        "Add a point", key="add_point", disabled=len(pairs.points) >= MOST, icon=":material/add:",
        on_click=lambda: keep(_with_one_more(pairs, theta, size)),
    )  # fmt: skip
    controls.button(
        "Remove the last", key="remove_point", disabled=len(pairs.points) <= FEWEST, icon=":material/remove:",
        on_click=lambda: keep(fewer),
    )  # fmt: skip
