"""Bend an image by hand: the grid on the input and the output beside it follow while you drag.

What stands in the URL is theta, in square coordinates; sliders and matrix are two views of it.
"""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from core.errors import InvalidRequest
from core.stn.anatomy import draw_grid, draw_output, outside_share
from core.stn.images import Picture
from core.stn.sampling import warp
from core.stn.thetas import Parts, for_frame, parse_theta, parts, theta_of
from pages.parts.inputs import one_picture
from pages.parts.layout import heading, mode, told
from pages.parts.layout import picture as draw
from pages.parts.live import Slider, live_sliders, moved_values, moves

SLIDERS = [
    Slider("rotation_deg", "Rotation", -180, 180, 0.5, 1, "°"),
    Slider("scale_x", "Scale x", 0.2, 3, 0.01),
    Slider("scale_y", "Scale y", 0.2, 3, 0.01),
    Slider("shear", "Shear", -1, 1, 0.01),
    Slider("shift_x", "Shift x", -1.5, 1.5, 0.01),
    Slider("shift_y", "Shift y", -1.5, 1.5, 0.01),
]
START = Parts(rotation_deg=20.0, scale_x=0.8, scale_y=0.8)
LETTERS = ("a", "b", "c", "d", "e", "f")
REACH = 9.0  # the largest number in theta
SIDE = 256  # pixels: pictures are bent at this size, so that dragging stays fluent


def current() -> np.ndarray:
    """Theta (2, 3): the URL's, until something here has moved it; a changed URL (a link, Back) counts again."""
    told = st.query_params.get("theta", "")
    if st.session_state.get("told") != told:
        st.session_state.told = told
        try:
            st.session_state.theta = parse_theta(told).reshape(2, 3)
        except (InvalidRequest, ValueError):  # the sliders know six numbers
            st.session_state.theta = theta_of(START).numpy()
    return st.session_state.theta


def keep(theta: np.ndarray, *, settled: bool = True) -> None:
    """Move theta; once it has settled it stands in the URL (not before: every step of a drag would be a step of Back)."""
    st.session_state.theta = theta
    if settled:
        st.session_state.told = st.query_params["theta"] = " ".join(f"{number:.4g}" for number in theta.ravel())


def dragged() -> None:
    moved, settled = moved_values("parts", SLIDERS)
    keep(theta_of(Parts(**vars(parts(current())) | moved)).numpy(), settled=settled)


def typed() -> None:
    """A number was typed. While a slider moves, the boxes only echo what they were shown before: that does not count."""
    if moves("parts") != st.session_state.get("moves"):
        return
    numbers = [st.session_state[f"theta_{letter}"] or 0.0 for letter in LETTERS]
    keep(np.clip(np.array(numbers, dtype=np.float64), -REACH, REACH).reshape(2, 3))


@st.fragment
def bench(picture: Picture) -> None:
    """Pictures and controls; only this runs again while a slider is dragged."""
    views, controls = st.columns([3, 1], gap="large")
    theta = current()
    st.session_state.moves = moves("parts")
    with views:
        show(picture, theta)
    with controls:
        named = vars(parts(theta))
        live_sliders(SLIDERS, {s.name: _within(named[s.name], s) for s in SLIDERS}, "parts", dragged)
        matrix_inputs(theta)
        if st.button("Identity", width="stretch", help="The grid that changes nothing: V = U"):
            keep(np.eye(2, 3))
            st.rerun(scope="fragment")


def _within(value: float, slider: Slider) -> float:
    return slider.low if math.isnan(value) else min(slider.high, max(slider.low, value))


def matrix_inputs(theta: np.ndarray) -> None:
    """The same theta as six numbers, in two rows of three."""
    st.markdown("$A_\\theta$, the same six numbers")
    with st.grid(3, min_column_width=44, gap="xsmall"):  # narrow enough to stay two rows of three
        for letter, value in zip(LETTERS, theta.ravel().tolist(), strict=True):
            st.session_state[f"theta_{letter}"] = round(value, 4)
            st.number_input(
                letter, step=0.05, format="%.3f", key=f"theta_{letter}", on_change=typed,
                label_visibility="collapsed",
            )  # fmt: skip


def show(picture: Picture, theta: np.ndarray) -> None:
    height, width = picture.pixels.shape[:2]
    framed = for_frame(_tensor(theta), width, height).numpy()
    output = warp(picture.pixels, framed)
    left, right = st.columns(2, wrap=False)
    with left:
        drawn = draw_grid(picture.pixels, framed, mode=mode())
        draw(drawn, f"{picture.name} with the sampling grid of θ drawn on it", "Input U, and where the grid looks")
    with right:
        drawn = draw_output(output, mode=mode())
        draw(drawn, f"{picture.name} sampled through the grid", "Output V")
    outside = outside_share(framed, height, width)
    st.caption(f"{outside:.0%} of the grid lies outside the image (red); there the nearest edge pixel is repeated.")
    explanation(theta, framed)


def _tensor(theta: np.ndarray):
    import torch

    return torch.from_numpy(theta)


def explanation(theta: np.ndarray, framed: np.ndarray) -> None:
    (a, b, c), (d, e, f) = theta
    folded = st.expander("What am I looking at?", key="explained", on_change="rerun")
    if not folded.open:  # typesetting takes time, and a drag has none to spare
        return
    with folded:
        st.markdown(
            "For every pixel of the **output**, $A_\\theta$ says where to look in the **input**: the map runs backwards. So a "
            "scale above 1 shows the picture smaller, and a shift to the right shows it moved to the left. The sampler then "
            "blends the four nearest input pixels. Both axes have the same unit, the short side spans [-1, 1]: a rotation "
            "stays a rotation in a picture that is not square."
        )
        st.latex(
            r"\begin{pmatrix} x_s \\ y_s \end{pmatrix} = A_\theta \begin{pmatrix} x_t \\ y_t \\ 1 \end{pmatrix} = "
            rf"\begin{{pmatrix}} {a:.3f} & {b:.3f} & {c:.3f} \\ {d:.3f} & {e:.3f} & {f:.3f} \end{{pmatrix}} "
            r"\begin{pmatrix} x_t \\ y_t \\ 1 \end{pmatrix}"
        )
        st.markdown("With $G = T_I(G)$ the grid lies still and the output equals the input: press *Identity*.")
        st.code(
            f'python -m core warp PHOTO --theta "{" ".join(f"{n:.4g}" for n in framed.ravel())}" --out bent.png',
            language="bash",
        )


heading("Warp", "Bend an image by hand. The grid shows where every output pixel looks.")
with told():
    picture = one_picture("warp", SIDE)
bench(picture)
