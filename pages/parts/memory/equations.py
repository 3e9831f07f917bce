"""The equations of the chosen network with their numbers on the chosen day."""

from __future__ import annotations

import streamlit as st

from pages.parts.memory.setting import Setting
from pages.parts.task import report


def show(setting: Setting) -> None:
    looked = setting.inspected
    report({"y": looked.traced.y[-1, 0]})
    for formula in looked.formulas:
        st.latex(formula)
    st.dataframe(looked.table(steps=1), hide_index=True, width="stretch")
