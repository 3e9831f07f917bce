"""The screen of a panel: the progress of its parts while it runs, then the answer and the chosen group of figures; only that
group is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import streamlit as st

from core.rnn.panel.request import PanelRequest
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import answer, trials_in_words
from core.runs.joint import STOPPED
from core.runs.kinds import parse_request
from core.runs.lab import lab
from core.runs.live.blocks import Column, Look, TableBlock, TableColumn
from core.runs.live.snapshots import Snapshot
from core.runs.registry import Run
from core.runs.request import key_of
from pages.parts import controls
from pages.parts.follow import try_again
from pages.parts.layout import plain
from pages.parts.progress import Rows
from pages.parts.rnn.charts import headed
from pages.parts.rnn.panel_parts import days, forecasts, networks, overview, provenance, tickers, worth
from pages.parts.rnn.refilled import forms
from pages.parts.runs.conclusion import next_step
from pages.parts.screen import Screen
from pages.parts.serving.fragments import fragment_of
from pages.parts.words.glossary import explained

Group = Callable[[Run, PanelResult], None]

HEIGHT = 330  # pixels of the table of parts
PARTS = (TableColumn("Part"), TableColumn("State"), TableColumn("Doing", wide=True), TableColumn("Done", "share"))
MOST_NAMED = 5  # parts without a result that are named; of more, the others are counted


def live(snapshot: Snapshot, look: Look) -> Rows:
    """The parts of a panel that is alive, those at work first, then those that wait."""
    run = snapshot.run
    ids = _part_ids(run.request_json)
    by_id, names = lab().several(ids.values()), list(ids)
    runs = {name: by_id[part] for name, part in ids.items() if part in by_id}
    names.sort(key=lambda name: (name in runs and not runs[name].alive, name not in runs, _state(runs.get(name)) != "running"))
    rows = [[name, *(cell(runs.get(name)) for cell in (_state, _doing, _share))] for name in names]
    return ((Column([TableBlock("The parts, and how far each is", HEIGHT, PARTS, rows)]),),)


@lru_cache(maxsize=32)
def _part_ids(request_json: str) -> dict[str, str]:
    """The ids of the parts' runs, by name; computed once a panel, not once a look."""
    request = parse_request(request_json)
    assert isinstance(request, PanelRequest)
    return {name: key_of(part) for name, part in request.parts.items()}


def _state(part: Run | None) -> str:
    return part.state.value if part else ""


def _doing(part: Run | None) -> str:
    return "" if part is None else part.phase if part.alive else part.headline or part.error


def _share(part: Run | None) -> float:
    return 0.0 if part is None else part.fraction if part.alive else 1.0


def show(run: Run, result: PanelResult) -> None:
    """The answer and the verdict, corrected for other tests on the same data, then the groups."""
    result = _corrected(run.result, lab().other_tests_until(run), result)
    headed(answer(result.verdict), result.verdict.in_words(len(result.dates) - result.first_test))
    if trials := trials_in_words(result.verdict):
        st.caption(explained(trials, "recurrent"))
    next_step(run, result.next_step)
    _failed(run, result)
    groups(run, result)


@st.cache_resource(max_entries=16, show_spinner=False)
def _corrected(digest: str | None, others: int, _result: PanelResult) -> PanelResult:
    return _result.corrected_for(others)


def reasons_shown(failed: Mapping[str, str]) -> None:
    """Parts and tickers that are missing, each with its reason."""
    lines = [f"**{plain(name)}**: {plain(reason)}" for name, reason in failed.items()]
    more = [f"and {len(lines) - MOST_NAMED} more, under Provenance"] if len(lines) > MOST_NAMED else []
    if lines:
        st.warning("  \n".join([*lines[:MOST_NAMED], *more]), icon=":material/error:")


def _failed(run: Run, result: PanelResult) -> None:
    """What is missing, and a button to do parts again that failed."""
    reasons_shown({name: reason for name, reason in result.failed.items() if reason != STOPPED})
    again = set(result.failed) & set(_part_ids(run.request_json)) if result.failed else set()
    if again:
        try_again(run, bool(result.unfinished))


def _corrected_again(run: Run, _: PanelResult) -> Callable[[], PanelResult]:
    def again() -> PanelResult:
        result = lab().result(run)
        assert isinstance(result, PanelResult)
        return _corrected(run.result, lab().other_tests_until(run), result)

    return again


@fragment_of(_corrected_again)
def groups(run: Run, result: PanelResult) -> None:
    offered: dict[str, Group] = {
        "Skill": overview.show,
        "Tickers": tickers.show,
        "Days": days.show,
        "Worth": worth.show,
        "Forecasts": forecasts.show,
        "Networks": networks.show,
        "Provenance": provenance.show,
    }
    if not result.models["seeds"].any():
        del offered["Networks"]
    first = next(iter(offered))
    name = controls.segmented_control(
        "Show", list(offered), default=first, key="show", label_visibility="collapsed", required=True
    )
    offered[name or first](run, result)


SCREEN = Screen(show=show, live=live, refill=forms.panel)
