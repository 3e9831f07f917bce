"""A decimal comma in a field for numbers counts as a point, on every screen."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "gridcast_decimal_comma", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def read_decimal_commas() -> None:
    """Draw nothing, and let "0,5" typed into any field for numbers be 0.5."""
    _component(key="decimal-comma", width="content", height="content")
