"""The health line: the diagnosis of a transformer below its result."""

from __future__ import annotations

import streamlit as st

from core.runs.standing import Level
from core.stn.learning.diagnosis import Diagnosis
from pages.parts.layout import plain

ICONS: dict[Level, str] = {"good": ":material/check_circle:", "watch": ":material/visibility:", "bad": ":material/error:"}


def health_line(health: Diagnosis) -> None:
    """The diagnosis as a caption, a warning or an error."""
    show_as = {"good": st.caption, "watch": st.warning, "bad": st.error}[health.level]
    words = plain(health.words)
    if health.level == "good":
        show_as(f"{ICONS[health.level]} {words}")
    else:
        show_as(words, icon=ICONS[health.level])
