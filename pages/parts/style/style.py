"""The rules of style.css, on every screen, and the colours of both benches for them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from core.theme import PALETTES
from pages.parts.navigation import ROWS, Row

HERE = Path(__file__).parent


@cache
def _rules() -> str:
    """The colours of the benches as variables, the links of the menu in theirs, and the rules."""
    light, dark = PALETTES["light"], PALETTES["dark"]
    benches = {"spatial": (light.spatial, dark.spatial), "recurrent": (light.recurrent, dark.recurrent)}
    colours = "; ".join(f"--{bench}: light-dark({day}, {night})" for bench, (day, night) in benches.items())
    links = " ".join(
        f"[data-testid^=stTopNav][href$='/{row.file}'], [data-testid=stSidebarNavLink][href$='/{row.file}'] "
        f"{{ --bench: var(--{row.bench}) }}"
        for row in ROWS
        if row.bench
    )
    return f"<style>:root {{ {colours} }} {links} {(HERE / 'style.css').read_text(encoding='utf-8')}</style>"


def show_style(screen: Row) -> None:
    """Draw nothing, and let the rules hold on a screen; one of both benches has the colour of the first."""
    st.html(f"{_rules()}<style>:root {{ --accent: var(--{screen.bench or 'spatial'}) }}</style>")


def in_colour_of(bench: str) -> None:
    """Draw nothing, and give a screen of both benches the colour of the run that it shows."""
    st.html(f"<style>:root {{ --accent: var(--{bench}) }}</style>")
