"""The page of panels: one network for many tickers, judged over all of them at once."""

from __future__ import annotations

from contextlib import nullcontext

import streamlit as st

from core.errors import GridcastError
from core.rnn.panel.result import PanelResult
from pages.parts import controls
from pages.parts.examples import latest
from pages.parts.export_menu import export_menu
from pages.parts.follow import changes, dead_link, done_in_words, follow, run_in_url, submit
from pages.parts.layout import heading, mistakes_shown, plain
from pages.parts.links.copy_link import latest_run
from pages.parts.rnn import panel as parts
from pages.parts.rnn.panel_parts.form import form, in_words
from pages.parts.wait import wait_shown

heading(
    "Panel", "One network learns from many tickers at once: does it beat the best classical model, and by more than chance?"
)
with controls.area("sidebar", st.sidebar):
    choice = form()
    with controls.starting():
        pressed = controls.start("Train", ready=len(choice.symbols) > 1)
        st.caption(in_words(choice))
        wait_shown("learner", 1.0, direct=False)
    with mistakes_shown(), st.spinner("Reading prices", show_time=True) if pressed else nullcontext():
        pressed = choice.right(pressed) and pressed
request = None
if len(choice.symbols) > 1 and (pressed or not choice.source.online):  # a server is asked only when the button was pressed
    with st.spinner("Reading prices", show_time=True) if pressed else nullcontext():
        try:
            request = choice.request(anew=pressed)
        except GridcastError as error:  # form and page stay
            st.error(plain(str(error)), icon=":material/error:")
if request and pressed:
    with mistakes_shown():
        submit(request)
if request and request.missing and not pressed:
    parts.reasons_shown({one.symbol: one.reason for one in request.missing})
dead_link()
run = run_in_url("panel")
if run is None:
    if len(choice.symbols) < 2:
        st.info("Choose two tickers or more.", icon=":material/arrow_back:")
    if last := latest("panel", "recurrent"):
        st.caption(f"A finished panel to look at: {done_in_words(last[0])}")
        with latest_run(last[0]):
            parts.show(*last)
    elif len(choice.symbols) > 1:
        st.markdown("Press **Train** on the left. Parts that were trained before are not trained again.")
else:
    if request:
        changes(run, request, "Train")
    result = follow(run)
    if isinstance(result, PanelResult):
        export_menu(run, result)
        parts.show(run, result)
