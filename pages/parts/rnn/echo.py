"""The screen of a finished echo: who learned it, and the skill of every network by lag."""

from __future__ import annotations

import streamlit as st

from core.rnn.echo.figures import CAPTION, skill_chart
from core.rnn.echo.result import EchoResult
from core.runs.registry import Run
from pages.parts.layout import chart, explain, mode, plain
from pages.parts.rnn.refilled import forms
from pages.parts.screen import Screen
from pages.parts.words.glossary import explained

EXPLANATION = (
    r"The days are $r_t = a\,r_{t-k} + \sqrt{1-a^2}\,\varepsilon_t$ with noise $\varepsilon_t$: whoever keeps the move of "
    "$k$ days ago can forecast the share $a^2$ of the variance, and nobody more. Every day is an echo and the start of "
    "another, so the last $k$ moves have to be kept **all at once**. A feed-forward network has the last 32 days side by "
    "side before it, and none older: it fails from 33 on. A recurrent network has to pass them on from day to day, and to"
    " learn that from gradients that come back $k$ steps: the vanilla network does so up to about 14 days. Gates hold "
    "**one** thing for long; they are no help in passing on a row of them, and with as little training as here LSTM and "
    "GRU lose the echo from about 10 days on."
)


def show(run: Run, result: EchoResult) -> None:
    st.markdown(explained(f"**{plain(result.text)}**", "recurrent"))
    chart(skill_chart(result, mode()), CAPTION, f"echo-{run.id}", f"gridcast-echo-{run.id}")
    st.caption(CAPTION)
    explain(EXPLANATION)


SCREEN = Screen(show=show, refill=forms.echo)
