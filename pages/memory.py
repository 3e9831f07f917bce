"""The screen inside a recurrent network: one of a finished comparison, on a day, and one section that looks at it closely."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.parts import controls
from pages.parts.layout import heading, mistakes_shown
from pages.parts.memory import backward, day, days_alike, descent, echo, equations, gates, memory, one_cell
from pages.parts.memory.components import day_line
from pages.parts.memory.setting import Setting, chosen, comparison


@dataclass(frozen=True)
class Section:
    """One way to look into a network."""

    show: Callable[..., None]  # of the Setting; of nothing where it needs no run
    follows_day: bool = True  # drawn under the price line, again whenever the day moves
    maps: Callable[[Setting], day_line.Maps] | None = None  # heat maps under the price line
    needs_run: bool = True  # looks into the networks of a finished comparison


SECTIONS = {
    "Equations": Section(equations.show),
    "Gates": Section(gates.show, maps=gates.maps),
    "Days alike": Section(days_alike.show),
    "Memory": Section(memory.show, follows_day=False),
    "Backward": Section(backward.show, follows_day=False),
    "Descent": Section(descent.show, follows_day=False),
    "Echo": Section(echo.show, follows_day=False, needs_run=False),
    "Cell by hand": Section(one_cell.show, follows_day=False, needs_run=False),
}


@st.fragment
def by_day(setting: Setting, section: Section) -> None:
    """The price line with the day, and what the section shows of that day: all that runs again when the day moves.

    The line is filled in last: its message says that everything of the day is drawn.
    """
    line, span = st.container(), day_line.chosen_span()
    setting = setting.at(day.current(setting.networks.series))
    maps = None
    try:
        with mistakes_shown():
            maps = section.maps(setting) if section.maps else None
            section.show(setting)
    finally:  # a day that a network cannot be traced on can be left again
        with line:
            day_line.show(setting, span, maps)


heading("Inside a network", "Open a recurrent network that was trained on prices, and read every number in it.")
look = controls.segmented_control(
    "Look at", list(SECTIONS), default="Equations", required=True, key="show", label_visibility="collapsed"
) or "Equations"  # fmt: skip
section = SECTIONS[look]
if not section.needs_run:
    section.show()
    st.stop()
with mistakes_shown():
    compared = comparison()
if compared is None:
    st.info("There is no finished comparison here; compare networks on a ticker first.")
    st.page_link("rnn.py", label="Compare", icon=":material/play_arrow:")
    st.stop()
with mistakes_shown():
    setting = chosen(*compared)
if section.follows_day:
    by_day(setting, section)
else:
    section.show(setting)
