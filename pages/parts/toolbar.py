"""The row of small tools beside the title of every screen."""

from __future__ import annotations

import streamlit as st

from core.projector import LARGER
from pages.parts import controls
from pages.parts.links.copy_link import copy_link
from pages.parts.links.places import HERE
from pages.parts.style.decimal_comma import read_decimal_commas
from pages.parts.visitors.menu import visitor_menu
from pages.parts.words.glossary import open_meanings
from pages.parts.words.guide import guide_link


def projecting() -> bool:
    """Whether the visitor has the projector mode on."""
    return bool(st.session_state.get("projector"))


def toolbar() -> None:
    """The link to the guide, the switch of the projector mode, the button that copies the link, and the visitor's menu."""
    with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small", key="toolbar"):
        with controls.area("navigation"):
            guide_link(st.session_state.get(HERE, ""))
        controls.toggle("Projector", key="projector", help="Larger type, lines and figures, for a lecture hall")
        copy_link()
        with st.container(width="content"):
            visitor_menu()
            read_decimal_commas()
            open_meanings()
    if projecting():
        _enlarge_type()


def _enlarge_type() -> None:
    """Everything on a page is measured in the size of its type. A phone that is sent the link keeps its own."""
    type_ = f":root:root {{ font-size: {16 * LARGER:.1f}px }}"
    margins = "[data-testid=stMainBlockContainer] { padding-left: 2rem; padding-right: 2rem }"
    form = "[data-testid=stSidebar][aria-expanded=true] { min-width: 18rem }"
    st.html(f"<style>@media (min-width: 641px) {{ {type_} {margins} {form} }}</style>")
