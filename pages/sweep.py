"""The page of sweeps: the same comparison on many tickers; how many models beat the classical ones, and how many by chance."""

from __future__ import annotations

from contextlib import nullcontext

import streamlit as st

from core.rnn.sweep.result import SweepResult
from pages.parts import controls
from pages.parts.examples import latest
from pages.parts.export_menu import export_menu
from pages.parts.follow import changes, dead_link, done_in_words, follow, run_in_url, submit
from pages.parts.layout import heading, mistakes_shown
from pages.parts.links.copy_link import latest_run
from pages.parts.rnn import sweep as swept
from pages.parts.rnn.sweep_form import form, request_of_samples, right, sweep_request
from pages.parts.wait import wait_shown

heading("Sweep", "Which variant beats the classical models on many tickers, and how often would chance alone make it look so?")
with controls.area("sidebar", st.sidebar):
    source, symbols, settings = form()
    trained = len(symbols) * len(settings["cells"]) * settings["seeds"]
    with controls.starting():
        pressed = controls.start("Sweep", ready=bool(symbols))
        st.caption(f"{len(symbols)} ticker{'' if len(symbols) == 1 else 's'}, {trained:,} networks")
        if symbols:
            wait_shown("compare", trained / len(symbols), direct=False, parts=len(symbols))
    with mistakes_shown(), st.spinner("Reading prices", show_time=True) if pressed else nullcontext():
        may_train = right(source, symbols, settings, pressed)
request = None
pressed = pressed and may_train
if symbols and pressed:
    with mistakes_shown(), st.spinner("Reading prices", show_time=True):
        request = sweep_request(source, symbols, settings)
elif symbols and not source.online:  # a server is asked only when the button was pressed
    with mistakes_shown():
        request = request_of_samples(source, symbols, tuple(settings.items()))
if request and pressed:
    with mistakes_shown():
        submit(request)
dead_link()
run = run_in_url("sweep")
if run is None:
    if not symbols:
        st.info("Choose at least one ticker.", icon=":material/arrow_back:")
    if last := latest("sweep", "recurrent", {"target": settings["target"]}):
        st.caption(f"A finished sweep to look at: {done_in_words(last[0])}")
        with latest_run(last[0]):
            swept.show(*last)
    elif symbols:
        st.info("Press Sweep. Every ticker can be looked at as soon as it is done.", icon=":material/arrow_back:")
else:
    if request:
        changes(run, request, "Sweep")
    result = follow(run)
    if isinstance(result, SweepResult):
        export_menu(run, result)
        swept.show(run, result)
