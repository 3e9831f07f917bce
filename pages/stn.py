"""The screen of the spatial experiments: choose one, give it images, watch it learn, use the trained network."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from core.errors import GridcastError, InvalidRequest
from core.runs.kinds import KINDS, Kind
from core.runs.request import Request
from pages.parts import controls
from pages.parts.examples import shipped
from pages.parts.follow import changes, dead_link, done_in_words, follow, run_in_url, submit
from pages.parts.layout import explain, heading, mistakes_shown, plain
from pages.parts.links.kept_uploads import has_files
from pages.parts.runs.again import chosen_seed
from pages.parts.screen import Choice, Form, Screen
from pages.parts.uploads import problems
from pages.parts.wait import wait_shown

TITLES = {kind.title: kind for kind in KINDS.values() if kind.bench == "spatial"}


def chosen() -> Kind:
    """Which experiment: the first thing in the sidebar."""
    first = next(iter(TITLES))
    with controls.area("sidebar", st.sidebar):
        title = controls.segmented_control("Experiment", list(TITLES), default=first, key="experiment", required=True)
    return TITLES[title or first]


def sidebar(form: Form) -> tuple[Choice, dict[str, int], Request | None]:
    """Inputs and settings, the seed where there is one; the request once the button was pressed, else None."""
    with controls.area("sidebar", st.sidebar), mistakes_shown():
        with problems() as unreadable:
            choice: Choice = form.draw()
        seed = {"seed": chosen_seed()} if "seed" in kind.request.model_fields else {}
        with controls.starting():
            pressed = controls.start(form.button)
            wait_shown(kind.name, choice.size)
            try:
                if pressed and unreadable:  # not the sample that stands in for it
                    raise InvalidRequest(f"{next(iter(unreadable.values()))} Take it out of its field, or upload another.")
                return choice, seed, choice.request().model_copy(update=seed) if pressed else None
            except GridcastError as error:  # under the button, and where the button folds away; form and page stay
                st.error(plain(str(error)), icon=":material/error:")
                with st._main, st.container(key="narrow"):
                    st.error(plain(str(error)), icon=":material/error:")
                return choice, seed, None


def before_a_run(kind: Kind, screen: Screen, choice: Choice) -> None:
    """A finished run of this kind that came with the lab, and what the network will be given."""
    finished, given = st.container(), st.container()
    if screen.form.uploads and has_files(screen.form.uploads):
        finished, given = given, finished
    with given, mistakes_shown():
        screen.form.preview(choice)
    with finished:
        for example, result in shipped(kind.name):
            st.caption(f"A finished run to look at: {done_in_words(example)}")
            screen.show(example, result)
            screen.folded(example, result)


kind = chosen()
screen: Screen = kind.screen
heading("Spatial transformers", screen.form.purpose)
choice, seed, request = sidebar(screen.form)
if request:
    with mistakes_shown():
        submit(request)
dead_link()
run = run_in_url(kind.name)
if run is None:
    before_a_run(kind, screen, choice)
else:
    if screen.refill and not getattr(run.request, "start", None):  # no form begins with the weights of another run
        with suppress(GridcastError):
            changes(run, choice.request().model_copy(update=seed), screen.form.button)
    if result := follow(run):
        screen.finished(run, result)
explain(screen.form.explanation)
