"""The panel on theta: its numbers, its parts, and its nearest approximation in every family."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from core.made_once import made_once
from core.stn.geometry.kernels import KERNELS
from core.stn.geometry.kinds import in_frame, kind_of
from core.stn.geometry.pixels import shrunk
from core.stn.geometry.theta import Parts, parts
from core.stn.geometry.warping import Sampling, warp
from core.stn.warp.controls import REACH, family_of
from core.stn.warp.family_fits import FamilyFit, family_fits
from pages.parts import controls
from pages.parts.layout import mistakes_shown, picture, plain
from pages.parts.warp import stage
from pages.parts.warp.state import Setting, keep

LETTERS = "abcdefghi"
SMALL = 96  # pixels: longest side of the pictures in every family


def show(setting: Setting) -> None:
    with st.grid(2, min_column_width=360, gap="medium"):
        numbers(setting)
        in_parts(parts(setting.theta), centre=setting.theta.shape != (2, 3))
        to_type(setting)
        command(setting)
    in_every_family(setting)


def numbers(setting: Setting) -> None:
    """The numbers themselves, typeset."""
    theta = setting.theta
    if kind_of(theta).handles:
        points = matrix([[f"({x:.2f}, {y:.2f})" for x, y in row] for row in theta.reshape(4, 4, 2)])
        words = "**Source points** $s_{11} \\dots s_{44}$, to which the regular 4 × 4 grid is pinned"
        st.markdown(f"{words}\n\n$$\n\\scriptsize {points}\n$$")
    else:
        _formula(theta)


def to_type(setting: Setting) -> None:
    """Boxes for the numbers, where each is free: in the narrower families a single number has no freedom of its own."""
    if kind_of(setting.theta).handles or setting.family != family_of(setting.theta):
        return
    with controls.fold("Type the numbers", key="numbers") as unfolded:
        if unfolded:
            _boxes(setting.theta)


def command(setting: Setting) -> None:
    with controls.fold("The same on the command line", key="command") as unfolded:
        if unfolded:
            st.code(_command(setting), language="bash", wrap_lines=True)


def _command(setting: Setting) -> str:
    width, height = setting.size
    numbers = " ".join(f"{number:.4g}" for number in in_frame(setting.theta, width, height).ravel())
    return f'python -m core warp PHOTO --theta "{numbers}" {sampling_options(setting.sampling)} --out bent.png'


def sampling_options(sampling: Sampling) -> str:
    """How the input is read, as options of the command line."""
    options = f"--kernel {sampling.kernel} --padding {sampling.padding}"
    options += f" --phi {sampling.phi:g}" if KERNELS[sampling.kernel].width else ""
    return options + (" --antialias" if sampling.antialias else "")


def _formula(theta: np.ndarray) -> None:
    entries = matrix([[f"{number:.3f}" for number in row] for row in theta])
    if len(theta) == 2:
        words = "**Source from target coordinates** by $A_\\theta$"
        formula = rf"\small \binom{{x_s}}{{y_s}} = {entries} \begin{{pmatrix}} x_t \\ y_t \\ 1 \end{{pmatrix}}"
    else:
        words = "**Source from target coordinates**, divided by the last one, $w$"
        left, right = (rf"\begin{{pmatrix}} x_{s} \\ y_{s} \\ 1 \end{{pmatrix}}" for s in "st")
        formula = rf"\small w {left} = {entries} {right}"
    st.markdown(f"{words}\n\n$$\n{formula}\n$$")


def matrix(rows: list[list[str]]) -> str:
    """In LaTeX."""
    return r"\begin{pmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{pmatrix}"


def _boxes(theta: np.ndarray) -> None:
    st.session_state.drawn = stage.last_move().turn
    with st.grid(3, min_column_width=44, gap="xsmall"):  # narrow enough to stay rows of three
        for letter, value in zip(LETTERS, theta.ravel().tolist(), strict=False):
            st.session_state[f"theta_{letter}"] = round(value, 4)
            controls.number_input(
                letter, step=0.05, format="%.3f", key=f"theta_{letter}", bind=None, on_change=_typed, args=(theta.shape,),
                label_visibility="collapsed",
            )  # fmt: skip
    if clipped := st.session_state.pop("clipped", ""):
        st.warning(f"{clipped}.", icon=":material/straighten:")


def _typed(shape: tuple[int, int]) -> None:
    """A number was typed. While a dial moves, the boxes report what they were filled with before: that is ignored."""
    if stage.last_move().turn != st.session_state.get("drawn"):
        return
    given = np.array([st.session_state[f"theta_{letter}"] or 0.0 for letter in LETTERS[: shape[0] * shape[1]]], np.float64)
    kept = np.clip(given, -REACH, REACH)
    if (far := np.flatnonzero(kept != given)).size:
        st.session_state.clipped = ", ".join(f"{given[one]:g} is beyond ±{REACH:g} and became {kept[one]:g}" for one in far)
    keep(kept.reshape(shape))


def in_parts(named: Parts, centre: bool) -> None:
    """Rotation, scales, shear, shift, and what follows from them."""
    where = " at the centre of the output" if centre else ""
    if not named.determinant:
        st.markdown(
            f"**In parts**{where}: determinant **0**, so the whole output looks at one line or one point of the picture. Such "
            "a matrix is singular: it has no inverse, it is neither mirrored nor not, and no shear can be named."
        )
        return
    shear = matrix([["1", f"{named.shear:.3f}"], ["0", "1"]])
    scales = matrix([[f"{named.scale_x:.3f}", "0"], ["0", f"{named.scale_y:.3f}"]])
    shift = rf"\binom{{{named.shift_x:.3f}}}{{{named.shift_y:.3f}}}"
    rotation = f"R({named.rotation_deg:.1f}°)"
    rows = rf"A &= {rotation}\, {shear}\, {scales} \\ t &= {shift}"  # two, which a phone has room for
    formula = rf"\begin{{aligned}} {rows} \end{{aligned}}"
    mirrored = "**mirrored**, as its sign says" if named.mirrored else "not mirrored"
    determinant = f"{named.determinant:.3f}".replace("-", "−")
    st.markdown(
        f"**In parts**{where}: rotation · shear · scales, and the shift\n\n"
        f"$$\n\\small {formula.replace('-0.000', '0.000')}\n$$\n\n"
        f"Determinant **{determinant}**: the grid covers **{determinant.removeprefix('−')}** times its own area of the "
        f"input, and the picture is {mirrored}. Condition "
        f"**{named.condition:.3g}**: its longest stretch over its shortest."
    )


def in_every_family(setting: Setting) -> None:
    """The best approximation of this warp in every family."""
    with controls.fold("In every family", key="families") as unfolded:
        if unfolded:
            _in_every_family(setting)


def _in_every_family(setting: Setting) -> None:
    st.markdown("The nearest theta of each family, and how far its source points are off, in pixels")
    with mistakes_shown():
        fits = _fits(setting.theta.tobytes(), setting.theta.dtype.str, setting.theta.shape, setting.size)
    small = _small(setting.picture.pixels)
    with st.grid(6, min_column_width=110, gap="small"):
        for fit in fits:
            _fitted(setting, fit, small)


@lru_cache(maxsize=64)
def _fits(content: bytes, of: str, shape: tuple[int, ...], size: tuple[int, int]) -> list[FamilyFit]:
    return family_fits(np.frombuffer(content, of).reshape(shape).copy(), *size)


@made_once
def _small(pixels: np.ndarray) -> np.ndarray:
    return shrunk(pixels, SMALL)


@made_once
def _bent(small: np.ndarray, theta: tuple[float, ...], shape: tuple[int, ...], sampling: Sampling) -> np.ndarray:
    return warp(small, np.array(theta, np.float32).reshape(shape), sampling)


def _fitted(setting: Setting, fit: FamilyFit, small: np.ndarray) -> None:
    bent = _bent(small, tuple(fit.theta.astype(np.float32).ravel().tolist()), fit.theta.shape, setting.sampling)
    error = "exact" if fit.worst_px < 0.005 else f"{fit.error_px:.1f} px, at most {fit.worst_px:.0f}"
    alt = f"{setting.picture.name} bent by the nearest theta of the family {fit.family}"
    picture(bent, alt, f"**{fit.family}** · {fit.parameters}  \n{plain(error)}")
