"""The panel on aliasing: a picture made smaller as it is and antialiased, and both spectra."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.stn.warp import figures as warp_figures
from core.stn.warp.aliasing import SINE_CYCLES, SINE_SIDE, stripes, zone_plate, zoomed_out
from pages.parts import controls
from pages.parts.layout import chart, explain, mode, picture
from pages.parts.warp.state import Setting

PATTERNS = ("picture", "stripes", "rings")
SHOWN = 256  # pixels: what became small is shown this large, its pixels crisp

EXPLAINED = """A sampler reads the few pixels around each source point. Zoomed out by n, source points lie n pixels apart and
what lies between them is skipped: frequencies above half the new sampling rate come back as low ones that were never there.

The antialiasing sampler reads a copy that has been smoothed and halved as often as the zoom asks for (Williams 1983). The paper
pools by 2 behind its transformer, where that zooms out, for the same reason (appendix A.4).
"""


@st.fragment
def show(setting: Setting) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pattern = controls.segmented_control("What is made smaller", PATTERNS, default="stripes", required=True, key="pattern")
        zoom = controls.slider("How many times smaller", 1.0, 8.0, 4.0, 0.25, key="zoom", width=280)
    source = {"stripes": stripes, "rings": zone_plate}.get(pattern or "", lambda: setting.picture.pixels)()
    zoomed = zoomed_out(source, zoom, setting.sampling)
    named = setting.picture.name if pattern == "picture" else pattern
    shown = [(source, "original"), (zoomed.plain, f"{setting.sampling.kernel}, as it is"), (zoomed.antialiased, "antialiased")]
    for column, (pixels, caption) in zip(st.columns(3, wrap=False), shown, strict=True):
        with column:
            picture(_large(pixels), f"{named}, {caption}", f"{caption}, {pixels.shape[1]} × {pixels.shape[0]}")
    chart(warp_figures.spectrum(zoomed.spectrum, mode()), "Amplitude by frequency: original, plain, antialiased", "spectrum")
    st.markdown(_in_words(pattern == "stripes", zoomed.plain_std, zoomed.antialiased_std, zoom))
    explain(EXPLAINED, "Where do false stripes come from?", key="why")


def _large(pixels: np.ndarray) -> np.ndarray:
    times = max(1, SHOWN // max(pixels.shape[:2]))
    return np.repeat(np.repeat(pixels, times, axis=0), times, axis=1)


def _in_words(of_stripes: bool, plain: float, antialiased: float, zoom: float) -> str:
    numbers = (
        f"Grey levels vary by **{plain:.3f}** as it is and by **{antialiased:.3f}** antialiased (standard deviation, 0 to 1)."
    )
    if not of_stripes:
        return numbers
    left = SINE_SIDE / zoom / 2
    if left > SINE_CYCLES:
        return f"{numbers} {SINE_CYCLES} periods still fit into {SINE_SIDE / zoom:.0f} pixels: the stripes are real."
    return (
        f"{numbers} {SINE_SIDE / zoom:.0f} pixels can hold {left:.0f} periods and not {SINE_CYCLES}: the right answer is "
        "even grey, and every stripe you see is false."
    )
