"""The panel on resampling: thetas composed and read once, against a picture resampled k times."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.stn.geometry.pixels import shrunk
from core.stn.geometry.warping import Sampling
from core.stn.warp import figures as warp_figures
from core.stn.warp.resampling import MOST, Repeated, repeated
from pages.parts import controls
from pages.parts.layout import chart, explain, mode, picture, side_by_side
from pages.parts.warp.state import Setting

SIDE = 128  # pixels: a hundred and more readings, in good time

EXPLAINED = """A turn by φ after a turn by φ is a turn by 2φ: $A_{2\\varphi} = A_\\varphi A_\\varphi$. Whoever bends the bent
picture again blurs it at every step, and what has left the frame is gone (look at the corners). Whoever multiplies the matrices
and reads the original once loses the sharpness of one reading, however many steps there were. So a recurrent transformer should
hand on θ (IC-STN, Lin & Lucey 2017).

The number is the peak signal to noise ratio against the original, in a disc that a turn never leaves. A turn by a multiple of
90° moves whole pixels of a square picture and loses nothing.
"""


@st.fragment
def show(setting: Setting) -> None:
    with st.container(horizontal=True):
        k = controls.slider("How often, k", 1, MOST, 12, key="k", width=280)
        turn = controls.slider("One step turns by, degrees", 1, 30, 7, key="turn", width=280)
    turns = _repeated(setting.picture.pixels, turn, k, setting.sampling)
    at_k = turns.curve.set_index("k").loc[k]
    pictures, curve = side_by_side(3, 2)
    with pictures:
        left, right = st.columns(2, wrap=False)
        with left:
            picture(turns.resampled, f"{setting.picture.name} resampled {k} times", f"read {k} times")
        with right:
            picture(turns.composed, f"{setting.picture.name} turned once by {k * turn}°", "composed, read once")
    with curve:
        chart(warp_figures.generations(turns.curve, k, mode()), "PSNR after k turns forth and back, by k", "generations")
    st.markdown(
        f"{k} × {turn}° = {k * turn}°. Forth and back again, reading at every step leaves **{at_k.resampled_db:.1f} dB** of "
        f"the original; multiplying the matrices first and reading once each way leaves **{at_k.composed_db:.1f} dB**."
    )
    explain(EXPLAINED, "Why hand on θ and not the picture?", key="why")


@st.cache_data(max_entries=32, show_spinner="Turning the picture, forth and back")
def _repeated(pixels: np.ndarray, turn: int, k: int, sampling: Sampling) -> Repeated:
    return repeated(shrunk(pixels, SIDE), turn, k, sampling)
