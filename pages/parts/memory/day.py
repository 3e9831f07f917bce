"""The chosen day: in the URL, and while it is moved, in the session.

It stands in the URL once it has settled (not before: every day that was passed by would be a step of Back).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import streamlit as st

from core.rnn.dataset.series import Series
from pages.parts.links import address


def current(series: Series) -> date:
    """The chosen day, one of the series: the URL's, until it was moved here; a changed URL (a link, Back) counts again."""
    text = address.read("day")
    if st.session_state.get("day_read") != text:
        st.session_state.day_read = text
        st.session_state.day_moved = None
    return _in_series(st.session_state.get("day_moved") or _parsed(text), series)


def keep(day: date, *, settled: bool) -> None:
    """Move the day."""
    st.session_state.day_moved = day
    if settled:
        st.session_state.day_read = day.isoformat()
        address.write("day", day.isoformat())


def _parsed(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _in_series(day: date | None, series: Series) -> date:
    """The last day of the series until this one; the first where it lies before all, the last where none is named."""
    days = series.days.astype("datetime64[D]")
    after = len(days) if day is None else int(np.searchsorted(days, np.datetime64(day), side="right"))
    last: date = days[max(0, after - 1)].item()
    return last
