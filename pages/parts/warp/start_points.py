"""Points dragged on two pictures, each to the same thing: a theta that lays one over the other roughly, to begin with."""

from __future__ import annotations

import numpy as np
import streamlit as st
import torch

from core.errors import InvalidRequest
from core.stn.datasets.images import Picture
from core.stn.geometry.families import FamilyName
from core.stn.geometry.fitting import fit
from core.stn.geometry.kinds import reach
from core.stn.geometry.point_pairs import through_pairs
from core.stn.warp.corners import CORNERS
from pages.parts.layout import mode
from pages.parts.warp import corner_points as points
from pages.parts.warp import stage
from pages.parts.warp.corner_points import Pairs

KEY = "start_points"
USUAL = Pairs(0.6 * CORNERS, 0.6 * CORNERS)


def dragged() -> Pairs:
    """The points as they were dragged, or as the URL has them."""
    return points.current(USUAL)


def start_of(pairs: Pairs, moving: Picture, fixed: Picture, family: FamilyName) -> np.ndarray:
    """The theta of a family that takes the fixed picture's places nearest to the moving picture's points, both in square
    coordinates. InvalidRequest for points that determine nothing."""
    source, target = _square(pairs.points, moving), _square(pairs.places, fixed)
    through_pairs(target, source)  # for what it refuses
    return fit(family, torch.from_numpy(target), torch.from_numpy(source)).numpy()


def _square(of_frame: np.ndarray, picture: Picture) -> np.ndarray:
    height, width = picture.pixels.shape[:2]
    return of_frame * np.array(reach(width, height))


@st.fragment
def show(moving: Picture, fixed: Picture, family: FamilyName) -> None:
    """Both pictures with a numbered handle for each point."""
    pairs = dragged()
    try:
        start_of(pairs, moving, fixed, family)
        words = "Drag each number to the same thing on both pictures. The descent begins where these points say."
    except InvalidRequest as error:
        words = f"{str(error)[0].upper()}{str(error)[1:]}."
    stage.show(
        stage.Scene(
            moving.name, moving.pixels, fixed.pixels, np.eye(3), "projective", words, mode(), grid=False, points=pairs.points,
            places=pairs.places, captions=("The picture that moves", "The picture that it is laid over"),
            alts=(f"{moving.name}, the picture that moves", f"{fixed.name}, the picture that it is laid over"),
        ),
        _moved, KEY,
    )  # fmt: skip
    with st.container(horizontal=True):
        points.more_and_fewer(pairs, np.eye(3), (1, 1))


def _moved() -> None:
    last = stage.last_move(KEY)
    points.keep(points.moved(dragged(), last), settled=last.settled)
