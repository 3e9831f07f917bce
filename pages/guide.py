"""The user guide, a section at a time."""

from __future__ import annotations

import streamlit as st

from pages.parts import controls
from pages.parts.layout import heading
from pages.parts.words.guide import sections

heading("Guide", "How each screen works, what its numbers mean, and what to do when something goes wrong.")
titles = list(sections())
chosen = controls.selectbox("Section", titles, key="section", width=360)
if chosen != titles[0]:
    st.subheader(chosen, anchor=False)
st.markdown(sections()[chosen])
