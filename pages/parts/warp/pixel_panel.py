"""The panel on one output pixel: the input pixels it reads, their weights, and the sum written out."""

from __future__ import annotations

import re

import streamlit as st

from core.errors import InvalidRequest
from core.stn.datasets.images import Picture
from core.stn.geometry.pixels import to_grey
from core.stn.geometry.warping import Bend, Sampling
from core.stn.warp import figures as warp_figures
from core.stn.warp.pixel_reading import Reading, reads, value_of, written_out
from pages.parts import controls
from pages.parts.layout import chart, mode, side_by_side, table
from pages.parts.task import report
from pages.parts.warp.state import Setting, choose_pixel, pixel

MARGIN = 3  # pixels around what is read


def show(setting: Setting) -> None:
    width, height = setting.size
    column, row = _choose(width, height)
    bend = Bend(setting.theta, height, width)
    grey = to_grey(setting.picture.pixels)
    reading = _read(bend, setting.sampling, (column, row))
    smallest = reading.table.weight.min()
    report({"pixels_read": _count(reading), "smallest_weight": smallest, "source_x": reading.x, "source_y": reading.y})
    crop, words = side_by_side(3, 2)
    with crop:
        figure = warp_figures.reading(reading, grey[..., 0], mode(), MARGIN)
        place = f"column {reading.column:.2f}, row {reading.row:.2f}"
        chart(figure, f"The input pixels around {place}, those that are read framed by their weight", "reading")
    with words:
        _in_words(setting, reading, bend, (column, row))
    with controls.fold("All weights", key="weights") as unfolded:
        if unfolded:
            table(reading.table[reading.table.weight != 0].round(5))


def sum_in_words(picture: Picture, bend: Bend, sampling: Sampling, place: tuple[int, int]) -> str:
    """The sum of an output pixel on one line, for the stage; nothing where it looks at no point."""
    try:
        written = written_out(_read(bend, sampling, place), to_grey(picture.pixels))
    except InvalidRequest:
        return ""
    plain = written.replace(r"\cdot", "·").replace(r"\dots", "…").replace("-", "−")
    return f"In grey levels the sum of output pixel {place} is {plain}."


def _read(bend: Bend, sampling: Sampling, place: tuple[int, int]) -> Reading:
    column, row = place
    x, y = bend.exact[0, row, column].tolist()
    return reads(bend.height, bend.width, (x, y), sampling.kernel, sampling.padding, sampling.phi)


def _choose(width: int, height: int) -> tuple[int, int]:
    """Column and row; a click on the output chooses them too."""
    place = pixel(width, height)
    st.session_state.pixel_column, st.session_state.pixel_row = place
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.number_input(
            "Column of the output", 0, width - 1, step=1, key="pixel_column", bind=None, on_change=_typed, width=170
        )
        controls.number_input("Row", 0, height - 1, step=1, key="pixel_row", bind=None, on_change=_typed, width=170)
        st.caption("Or click a pixel of the output above.")
    return place


def _typed() -> None:
    choose_pixel(int(st.session_state.pixel_column or 0), int(st.session_state.pixel_row or 0))


def _in_words(setting: Setting, reading: Reading, bend: Bend, place: tuple[int, int]) -> None:
    grey, (column, row) = to_grey(setting.picture.pixels), place
    written = bend.of(grey, setting.sampling)[row, column, 0]
    st.markdown(
        f"Output pixel **({column}, {row})** looks at $x_i^s = {reading.x:.4f},\\ y_i^s = {reading.y:.4f}$ of the "
        f"input; in pixels, as the sum counts them: column **{reading.column:.3f}**, row **{reading.row:.3f}**. With the "
        f"{setting.sampling.kernel} kernel it reads "
        f"{_count(reading)} pixel{'' if _count(reading) == 1 else 's'}; {_total(reading)}."
    )
    st.latex(r"\small V_i = \sum_n \sum_m U_{nm}\, k(x_i^s - m; \Phi_x)\, k(y_i^s - n; \Phi_y)")
    st.latex(_aligned(written_out(reading, grey)))
    exact = value_of(reading, grey)[0]
    st.markdown(f"The sum is **{exact:.2f}**; the sampler wrote **{written}** into the output (grey levels, rounded).")
    if setting.sampling.antialias:
        st.caption("Antialias is on: where the grid zooms out the sampler reads a smoothed copy, and the two may differ.")


def _aligned(written: str) -> str:
    """A written-out sum, two terms a line: it fits a phone."""
    total, _, value = written.rpartition(" = ")
    terms = re.split(r" (?=[+-] )", total)
    lines = r" \\ &\quad ".join(" ".join(terms[n : n + 2]) for n in range(0, len(terms), 2))
    return rf"\small \begin{{aligned}} V_i &= {lines} \\ &= {value} \end{{aligned}}"


def _count(reading: Reading) -> int:
    """How many different input pixels count."""
    used = reading.table[reading.table.weight != 0]
    return len(used.drop_duplicates(["row", "column"]))


def _total(reading: Reading) -> str:
    total = reading.table.weight.sum()
    missing = " (the rest lies outside and is read as black)" if total < 0.9995 else ""
    return f"the weights add up to {total:.3f}{missing}"
