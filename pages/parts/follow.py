"""Shows one run: its progress while it is alive, then how it ended. Reads only the lab."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import humanize
import streamlit as st

from core.errors import GridcastError, RunFailed
from core.runs.beside.differences import differing
from core.runs.kinds import kind_named
from core.runs.lab import lab
from core.runs.live.snapshots import Snapshot
from core.runs.registry import Run, State
from core.runs.request import Request, key_of
from core.runs.result import Result
from core.runs.visitors.rules import may_replace
from pages.parts.controls import addresses, cleared, hidden
from pages.parts.examples import named, shipped_ids
from pages.parts.layout import mistakes_shown, name_tab, plain
from pages.parts.links.kept_uploads import RunFiles, parameters
from pages.parts.links.places import go
from pages.parts.live.viewer import viewer
from pages.parts.runs import again
from pages.parts.screen import screen_of
from pages.parts.task import report
from pages.parts.visitors.asking import ask
from pages.parts.visitors.buttons import run_buttons
from pages.parts.visitors.me import me
from pages.parts.visitors.words import title_of

FORMS = {  # the pages of kinds that have one of their own, and the parameter there that names the run
    "compare": ("rnn", "run"), "traps": ("traps", "run"), "sweep": ("sweep", "run"), "panel": ("panel", "run"),
    "memory": ("memory", "memory"), "echo": ("memory", "echo"),
}  # fmt: skip
DATES = {"start"}  # controls of dates that have a default, which a request may go without
FILES = {"prices", "images", "truth"}  # fields of inputs by their digests or numbers, which other fields name in words


def submit(request: Request, key: str = "run") -> None:
    """Submit a request, and put its run into the URL, under `key`: whoever opens that URL sees the same run."""
    before = lab().look(key_of(request))
    run = ask(request)
    again.note(run if before and before.state is State.DONE and run.result == before.result else None)
    st.query_params.pop("id", None)  # an older link's, which names the run before
    st.query_params[key] = st.session_state[f"asked-{request.kind}"] = run.id


def run_in_url(kind: str | None = None, key: str = "run") -> Run | None:
    """The run that the URL names under `key`, if there is one; a run of another kind does not count."""
    former = {"run": "id"}  # how older links name it
    name = st.query_params.get(key, st.query_params.get(former.get(key, key), ""))
    run = named(name) if name else None
    return run if run and kind in (None, run.kind) else None


def outdated(run: Run, request: Request | None) -> bool:
    """Whether the form beside this run asks for another one; of a run that was asked for here also where it asks for none."""
    if run.alive or hidden("sidebar"):
        return False
    if request is None:
        return st.session_state.get(f"asked-{run.kind}") == run.id
    return key_of(request) != run.id and not _asks_for_example(run, request)


def _asks_for_example(run: Run, request: Request) -> bool:
    """Examples have only what they need of prices: the form asks for such a run where it differs in nothing else."""
    return run.id in shipped_ids() and not _differing(run, request)


def _differing(run: Run, request: Request) -> str:
    """What a request differs in from that of a run, in words; without the inputs that stand there by their digests."""
    named = [field for field in differing([run.request, request]) if field.name.split(", ")[-1] not in FILES]
    return "; ".join(field.change for field in named)


def changes(run: Run, request: Request | None, button: str) -> None:
    """What the form differs in from the run that is shown."""
    if not outdated(run, request):
        return
    if request is None:
        st.caption("The choice is not whole yet.")
        return
    words = plain(_differing(run, request) or "other prices or pictures")
    st.caption(f"The form differs from this run: {words}. Press {button} to run it so.")


def change(run: Run) -> None:
    """A button that leads to the form of a run that has ended, filled with its request."""
    if run.alive:
        return
    if filled := _filled(run):
        page, key = _form_of(run)
        if st.button("Change and run again", icon=":material/tune:", key="change"):
            st.session_state[f"asked-{run.kind}"] = run.id
            go(page, **{**filled, key: run.id})


def fill_form(page: str) -> None:
    """Before a page is drawn: where its address names a run and says nothing of the form, the form is that of the run."""
    run = run_in_url()
    if run is None or _form_of(run) != (page, "run") or hidden("sidebar"):
        return
    if addresses():  # the screen has been drawn: its controls have their say
        return
    met = st.session_state.setdefault("runs met in an address", set())
    if run.id in met or st.session_state.get(f"asked-{run.kind}") == run.id:
        return
    met.add(run.id)
    filled = _filled(run) or {}
    if any(st.query_params.get_all(name) not in ([], [filled[name]] if name == "experiment" else []) for name in filled):
        return
    st.session_state[f"asked-{run.kind}"] = run.id
    st.query_params.update(filled)
    st.rerun()


def _form_of(run: Run) -> tuple[str, str]:
    """The page with the form of its kind, and the parameter there that names the run."""
    return ("stn", "run") if screen_of(run).form else FORMS.get(run.kind, ("", ""))


def _filled(run: Run) -> dict[str, str | list[str]] | None:
    """The address of its form as it is for the request of a run; None where the form cannot have that."""
    screen = screen_of(run)
    with suppress(GridcastError):  # a request of an earlier version, or its prices are gone
        filled = screen.refill(run.request) if screen.refill else None
        which: dict[str, str | list[str]] = {"experiment": kind_named(run.kind).title} if screen.form else {}
        return None if filled is None else {**which, **_address(filled)}
    return None


def _address(values: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Values of controls as the address has them; what is None is left out, no choice at all is empty. Of files it has a list,
    which is put into the store."""
    written: dict[str, str | list[str]] = {}
    for name, value in values.items():
        if isinstance(value, RunFiles):
            written |= parameters(name, value)
        elif value is None and name in DATES:
            written[cleared(name)] = "true"
        elif value is not None:
            written[name] = ([*map(_written, value)] or "") if isinstance(value, list) else _written(value)
    return written


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def dead_link() -> None:
    """Say so when the URL names a run that is not here."""
    if "run" in st.query_params and run_in_url() is None:
        st.warning("The run in this address is not here; it may have been deleted.", icon=":material/link_off:")


def follow(run: Run, key: str = "run") -> Result | None:
    """Show a run while it is alive, or how it ended; give its result when it has one.

    A run that is asked for again is put into the URL under `key`. That of the screen gives its name to the browser's tab.
    """
    if key == "run":
        name_tab(title_of(run))
    if run.alive:
        _watch(run.id)
        return None
    if run.state is not State.DONE:
        _ended(run, key)
        return None
    try:
        result = lab().result(run)
    except RunFailed as error:
        st.error(plain(str(error)), icon=":material/error:")
        _again(run, key)
        return None
    st.caption(done_in_words(run))
    if result.unfinished:
        st.info(plain(result.unfinished), icon=":material/flag:")
    if request := again.offered(run, bool(result.unfinished)):
        with mistakes_shown():
            submit(request, key)
        st.rerun()
    report({"finished": run.kind, "own_run": run.id not in shipped_ids()})
    return result


def done_in_words(run: Run) -> str:
    """ "trained 3 minutes ago in 12 s" """
    assert run.finished_at is not None
    ago = humanize.naturaltime(datetime.now(UTC) - run.finished_at)
    title = run.title if run.id in shipped_ids() else title_of(run)
    return f"{plain(title)} · trained {ago} in {run.seconds:,.0f} s · run `{run.id}`"


@st.fragment
def _watch(run_id: str) -> None:
    """The title, what can be done with the run, and what is to be seen of it; runs again when its state has changed."""
    snapshot = lab().snapshots.of(run_id)
    if snapshot is None or not snapshot.run.alive:
        st.rerun()
    with st.container(border=True):
        _title_and_buttons(snapshot)
        viewer(snapshot.run)


def _title_and_buttons(snapshot: Snapshot) -> None:
    title, stop, cancel = st.columns([4, 1, 1], vertical_alignment="center")
    title.markdown(f"**{plain(title_of(snapshot.run))}**")
    if run_buttons(snapshot.run, stop, cancel):
        _changed(snapshot.run.id)


def _changed(run_id: str) -> None:
    lab().snapshots.forget(run_id)
    st.rerun()


def _ended(run: Run, key: str) -> None:
    sentences = {
        State.FAILED: f"This run failed: {run.error}",
        State.CANCELLED: f"This run was {run.error or 'cancelled'}. It left no model behind.",
        State.INTERRUPTED: run.error,
    }
    show = st.error if run.state is State.FAILED else st.warning
    show(plain(sentences[run.state]))
    _again(run, key)


def _again(run: Run, key: str) -> None:
    has_start = lab().can_go_on(run)
    if has_start and st.button("Go on from where it was", icon=":material/resume:", key=f"further-{run.id}", type="primary"):
        with mistakes_shown():
            submit(run.request, key)
        st.rerun()
    words = "Run it again from the start" if has_start else "Run it again"
    if st.button(words, icon=":material/replay:", key=f"again-{run.id}"):
        lab().begin_anew(run)
        with mistakes_shown():
            submit(run.request, key)
        st.rerun()


def try_again(run: Run, stopped: bool = False) -> None:
    """A button that does a finished joint run again, of whose parts some have failed, or were left out when it was stopped;
    those that were done are not repeated."""
    words = "Go on with the rest" if stopped else "Try these again"
    if not may_replace(me(), lab().registry.shares.of(run.id)):
        st.caption("Only who has this run alone can have these tried again.")
    elif st.button(words, icon=":material/replay:", key=f"retry-{run.id}"):
        with mistakes_shown():
            submit(again.in_place_of(run))
        st.rerun()
