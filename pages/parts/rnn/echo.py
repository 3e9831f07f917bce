"""The screen of a finished echo: who learned it, and the skill of every network by lag."""

from __future__ import annotations

import streamlit as st

from core.rnn.echo.figures import CAPTION, skill_chart
from core.rnn.echo.result import EchoResult
from core.runs.registry import Run
from pages.parts.layout import chart, explain, mode, plain
from pages.parts.screen import Screen

EXPLANATION = (
    r"The days are $r_t = a\,r_{t-k} + \sqrt{1-a^2}\,\varepsilon_t$ with noise $\varepsilon_t$: whoever keeps the move of "
    "$k$ days ago can forecast the share $a^2$ of the variance, and nobody more. A vanilla network has to carry it through $k$ "
    "products with one matrix, in which it fades or explodes; gates can hold it, once they have learned not to forget; a "
    "feed-forward network has the last 32 days side by side before it, and none older."
)


def show(run: Run, result: EchoResult) -> None:
    st.markdown(f"**{plain(result.text)}**")
    chart(skill_chart(result, mode()), CAPTION, f"echo-{run.id}", f"gridcast-echo-{run.id}")
    st.caption(CAPTION)
    explain(EXPLANATION)


SCREEN = Screen(show=show)
