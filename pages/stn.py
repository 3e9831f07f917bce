"""Train a spatial transformer on your own photos, watch it learn to straighten them, and let it straighten new ones."""

from __future__ import annotations

import streamlit as st
import torch

from core.runs.lab import lab
from core.stn.distortions import Distortions
from core.stn.families import FAMILIES
from core.stn.images import Picture, to_png
from core.stn.rectify import RectifyRequest, RectifyResult
from core.stn.trials import bend
from pages.parts import rectified
from pages.parts.follow import dead_link, done_in_words, follow, run_in_url, submit
from pages.parts.inputs import chosen_pictures
from pages.parts.layout import explain, heading, picture, told
from pages.parts.shipped import shipped
from pages.parts.take_away import take_away

PRESETS = {"10 s": 10.0, "1 min": 60.0, "5 min": 300.0}
PREVIEWS = 6


def form() -> tuple[list[Picture], RectifyRequest | None]:
    """The sidebar: photos and settings; gives a request once the button was pressed."""
    with st.sidebar, told():
        pictures = chosen_pictures()
        preset = st.segmented_control("Time to learn", list(PRESETS), default="10 s", key="preset", bind="query-params")
        reach = st.slider("Turned by up to", 10, 180, 45, 5, format="±%d°", key="angle", bind="query-params")
        family = st.segmented_control("Family", list(FAMILIES), default="similarity", key="family", bind="query-params")
        pressed = st.button("Train", type="primary", icon=":material/play_arrow:", width="stretch", shortcut="Ctrl+Enter")
        if not pressed:
            return pictures, None
        return pictures, RectifyRequest(
            images=tuple(lab().store.put(to_png(photo.pixels)) for photo in pictures),
            names=tuple(photo.name for photo in pictures),
            family=family or "similarity",
            max_angle=float(reach),
            budget=PRESETS[preset or "10 s"],
        )


def preview(pictures: list[Picture]) -> None:
    """Before a run: what the network will be given."""
    if not pictures:
        st.info("Choose a sample or upload photos that stand upright.", icon=":material/arrow_back:")
        return
    st.subheader("What the network will see", anchor=False)
    bends = Distortions.of(st.session_state.family or "similarity", float(st.session_state.angle))
    thetas = bends.draw(PREVIEWS, torch.Generator().manual_seed(1))
    with st.grid(PREVIEWS, min_column_width=100):
        for number, theta in enumerate(thetas):
            photo = pictures[number % len(pictures)]
            picture(bend(photo.pixels, theta), f"{photo.name}, distorted at random")
    st.caption("Turned, scaled and shifted at random, afresh for every step. It is never told by how much.")


heading("Spatial transformers", "Give a network your upright photos; it learns to straighten them, however they are turned.")
pictures, request = form()
if request:
    with told():
        submit(request)
dead_link()
run = run_in_url("rectify")
if run is None:
    preview(pictures)
    for example, result in shipped("rectify"):
        st.subheader("A finished run to look at", anchor=False)
        st.caption(done_in_words(example))
        rectified.show(example, result)
else:
    result = follow(run)
    if isinstance(result, RectifyResult):
        take_away(run, result)
        rectified.show(run, result)
        rectified.use(run, result)
explain(
    "A **localisation network** looks at the turned photo and predicts $\\theta$. The **grid generator** turns $\\theta$ into "
    "source coordinates, $(x_s, y_s)^\\top = A_\\theta (x_t, y_t, 1)^\\top$, and the **sampler** reads the photo there. All "
    "three are differentiable, so the difference between the straightened photo and the upright original trains the "
    "localisation network end to end, without anyone telling it the angle."
)
