"""The rules of style.css, on every screen."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_RULES = f"<style>{(Path(__file__).parent / 'style.css').read_text(encoding='utf-8')}</style>"


def show_style() -> None:
    """Draw nothing, and let the rules hold on this screen."""
    st.html(_RULES)
