"""What every screen is laid out with: headings, figures, pictures, error messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import GridcastError
from core.figures.hover import with_signs_and_dates
from core.figures.table import figure_csv
from core.figures.text import quoted_figure
from core.made_once import made_once
from core.projector import for_projector
from core.stn.datasets.images import to_jpeg, to_png
from core.system.data_address import data_address
from core.theme import Mode
from pages.parts import controls
from pages.parts.plain_text import plain as plain
from pages.parts.saving.menu import save_menu
from pages.parts.serving.sent_table import arrow, signed
from pages.parts.toolbar import projecting, toolbar
from pages.parts.words.column_meanings import headings_explained

LAB = "Gridcast"


def mode() -> Mode:
    """Whether the visitor sees the light or the dark theme."""
    return "dark" if st.context.theme.type == "dark" else "light"


def heading(title: str, purpose: str) -> None:
    """A short title with the tools that every screen has beside it, and what the screen is for in one sentence."""
    name_tab(title)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.title(title, anchor=False, width="content")
        toolbar()
    st.markdown(purpose)


def name_tab(words: str) -> None:
    """What stands on the browser's tab before the name of the lab: the screen, or the run that it shows."""
    st.set_page_config(words if words == LAB else f"{words} · {LAB}")


def chart(figure: go.Figure, alt: str, key: str, name: str = "", saved: bool = True) -> None:
    """A figure with alternative text, and under it words that save it under `name`: as SVG, as PNG, its data as CSV. A figure
    that is drawn again every second goes without them."""
    config = {"displaylogo": False, "modeBarButtonsToRemove": ["toImage", "select2d", "lasso2d"]}
    shown = for_projector(figure) if projecting() else figure
    with st.container(gap=None):
        st.plotly_chart(quoted_figure(with_signs_and_dates(shown)), theme=None, config=config, key=key, alt=alt)
        if saved:
            save_menu(key, name or f"gridcast-{key}", {"csv": lambda: figure_csv(figure)}, drawn=key)


def table(
    shown: pd.DataFrame,
    key: str | None = None,
    columns: Mapping[str, Any] | None = None,
    height: int | Literal["auto", "content"] = "auto",
) -> None:
    """A table. Of one that was made once, so is what is sent of it; numbers below zero have a minus sign, not a hyphen."""
    below = _below_zero(shown)
    given = {name: one for name, one in (columns or {}).items() if name in shown}
    configured = {name: _without_format(one) if name in below else one for name, one in given.items()}
    sent = signed(shown, tuple((name, _format_of(given.get(name))) for name in below)) if below else arrow(shown)
    st.dataframe(sent, hide_index=True, column_config=configured, key=key, height=height)
    explained = {name: one for name, one in given.items() if isinstance(one, dict) and one.get("help")}
    headings_explained({one.get("label") or name: one["help"] for name, one in explained.items()}, key)


@made_once
def _below_zero(shown: pd.DataFrame) -> tuple[str, ...]:
    """The columns of numbers, some of them below zero."""
    numbers = shown.select_dtypes("number")
    return tuple(str(name) for name in numbers if (numbers[name] < 0).any())


def _format_of(column: Any) -> str:
    """The printf format of a column; that of a column without one shows up to four digits after the point."""
    given = column["type_config"].get("format") if isinstance(column, dict) and column.get("type_config") else None
    return given or ""


def _without_format(column: Any) -> Any:
    """A column that shows its numbers as they are sent."""
    if not isinstance(column, dict) or not _format_of(column):
        return column
    return column | {"type_config": {name: one for name, one in column["type_config"].items() if name != "format"}}


def side_by_side(*shares: float) -> Sequence[DeltaGenerator]:
    """Places for figures, side by side; in the projector mode one below the other, each as wide as the page."""
    return [st.container() for _ in shares] if projecting() else st.columns(shares, gap="large")


def picture(shown: np.ndarray | bytes, alt: str, caption: str | None = None, name: str = "") -> None:
    """Pixels, or an encoded JPEG, as part of the page itself: a picture that changes often needs no second request, and cannot
    be gone before the browser asks for it. Pixels with a name are saved under it as PNG by a word under the picture."""
    address = data_address(shown, "image/jpeg") if isinstance(shown, bytes) else _address(shown)
    saved = name and not isinstance(shown, bytes)
    with st.container(gap=None) if saved else nullcontext():
        st.image(address, caption=caption, alt=alt, width="stretch")
        if saved:
            save_menu(name, name, {"png": lambda: to_png(shown)})


@made_once
def _address(pixels: np.ndarray) -> str:
    return data_address(to_jpeg(pixels, quality=90), "image/jpeg")


@contextmanager
def mistakes_shown() -> Iterator[None]:
    """Show a GridcastError of the block as one sentence in its place; the screen ends there."""
    try:
        yield
    except GridcastError as error:
        st.error(plain(str(error)), icon=":material/error:")
        st.stop()


@st.fragment
def explain(text: str, label: str = "What am I looking at?", key: str = "explanation") -> None:
    """An explanation that folds away beside the thing; a fragment, so that nothing else runs when it unfolds."""
    with controls.area("explanations"), controls.fold(label, key=key) as unfolded:
        if unfolded:
            st.markdown(text)
