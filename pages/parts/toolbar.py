"""The row of small tools beside the title of every screen."""

from __future__ import annotations

import streamlit as st

from pages.parts.links.copy_link import copy_link


def toolbar() -> None:
    with st.container(horizontal=True, width="content", vertical_alignment="center", gap="small", key="toolbar"):
        copy_link()
