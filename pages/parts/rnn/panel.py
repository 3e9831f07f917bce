"""The screen of a panel: the progress of its parts while it runs, then the answer and the chosen group of figures; only that
group is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from core.rnn.panel.request import PanelRequest
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import answer
from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.request import Request, key_of
from core.runs.snapshots import Snapshot
from pages.parts import controls
from pages.parts.follow import try_again
from pages.parts.layout import plain
from pages.parts.rnn.panel_parts import days, forecasts, networks, overview, provenance, tickers, worth
from pages.parts.screen import Screen

Group = Callable[[Run, PanelResult], None]

HEIGHT = 330  # pixels of the table of parts
PARTS = {
    "Part": st.column_config.TextColumn(width="medium"),
    "Doing": st.column_config.TextColumn(width="medium"),
    "Done": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, color="primary"),
}
MOST_NAMED = 5  # parts without a result that are named; of more, the others are counted


def _parts(run: Run) -> pd.DataFrame:
    request = run.request
    assert isinstance(request, PanelRequest)
    ids = _part_ids(run.id, request)
    by_id, names = lab().several(ids.values()), list(ids)
    runs = {name: by_id[part] for name, part in ids.items() if part in by_id}
    names.sort(key=lambda name: (name in runs and not runs[name].alive, name not in runs, _state(runs.get(name)) != "running"))
    return pd.DataFrame(
        {
            "Part": names,
            "State": [_state(runs.get(name)) for name in names],
            "Doing": [_doing(runs.get(name)) for name in names],
            "Done": [_share(runs.get(name)) for name in names],
        }
    )


def live(snapshot: Snapshot) -> None:
    """The parts of a panel that is alive, those at work first, then those that wait."""
    table = snapshot.once("parts", lambda: _parts(snapshot.run))
    with st.container(height=HEIGHT, border=False):
        st.dataframe(table, hide_index=True, column_config=PARTS, height=HEIGHT - 20, key=f"parts-{snapshot.run.id}")


@st.cache_resource(max_entries=32, show_spinner=False)
def _part_ids(run_id: str, _request: Request) -> dict[str, str]:
    """The ids of the parts' runs, by name; computed once a panel, not once a look."""
    assert isinstance(_request, PanelRequest)
    return {name: key_of(part) for name, part in _request.parts.items()}


def _state(part: Run | None) -> str:
    return part.state.value if part else ""


def _doing(part: Run | None) -> str:
    return "" if part is None else part.phase if part.alive else part.headline or part.error


def _share(part: Run | None) -> float:
    return 0.0 if part is None else part.fraction if part.alive else 1.0


def show(run: Run, result: PanelResult) -> None:
    """The answer and the verdict, corrected for other tests on the same data, then the groups."""
    result = _corrected(run.result, lab().other_tests_until(run), result)
    st.markdown(f"#### {answer(result.verdict)}")
    st.markdown(result.verdict.text)
    if result.verdict.trials:
        st.caption(f"Allows for {result.verdict.trials:,} other tests in this lab on returns of these tickers.")
    _failed(run, result)
    groups(run, result)


@st.cache_resource(max_entries=16, show_spinner=False)
def _corrected(digest: str | None, others: int, _result: PanelResult) -> PanelResult:
    return _result.corrected_for(others) if others else _result


def reasons_shown(failed: Mapping[str, str]) -> None:
    """Parts and tickers that are missing, each with its reason."""
    lines = [f"**{plain(name)}**: {plain(reason)}" for name, reason in failed.items()]
    more = [f"and {len(lines) - MOST_NAMED} more, under Provenance"] if len(lines) > MOST_NAMED else []
    if lines:
        st.warning("  \n".join([*lines[:MOST_NAMED], *more]), icon=":material/error:")


def _failed(run: Run, result: PanelResult) -> None:
    """What is missing, and a button to do parts again that failed."""
    reasons_shown(result.failed)
    again = set(result.failed) & set(_part_ids(run.id, run.request)) if result.failed else set()
    if again:
        try_again(run)


@st.fragment
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
    if not result.target_row.is_size:
        del offered["Worth"]
    first = next(iter(offered))
    name = controls.segmented_control(
        "Show", list(offered), default=first, key="show", label_visibility="collapsed", required=True
    )
    offered[name or first](run, result)


SCREEN = Screen(show=show, live=live)
