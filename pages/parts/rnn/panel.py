"""The screen of a panel: the progress of its parts while it runs, then verdict, skills, tests and notes."""

from __future__ import annotations

from contextlib import suppress

import pandas as pd
import streamlit as st

from core.errors import RunFailed
from core.rnn.panel.figures import skills
from core.rnn.panel.request import PanelRequest
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import comparison_table, regime_table
from core.runs.lab import lab
from core.runs.registry import Run, State
from pages.parts.layout import chart, mode, plain
from pages.parts.screen import Screen

HEIGHT = 330  # pixels of the table of parts
PARTS = {
    "Part": st.column_config.TextColumn(width="medium"),
    "Doing": st.column_config.TextColumn(width="medium"),
    "Done": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, color="auto"),
}


def live(run: Run) -> None:
    """The parts of a panel that is alive, and how far each is."""
    request = run.request
    assert isinstance(request, PanelRequest)
    runs, names = lab().part_runs(request), list(request.parts)
    table = pd.DataFrame(
        {
            "Part": names,
            "State": [runs[name].state.value if name in runs else "" for name in names],
            "Doing": [_doing(runs.get(name)) for name in names],
            "Done": [_share(runs.get(name)) for name in names],
        }
    )
    with st.container(height=HEIGHT, border=False):
        st.dataframe(table, hide_index=True, column_config=PARTS, height=HEIGHT - 20, key=f"parts-{run.id}")


def _doing(part: Run | None) -> str:
    return "" if part is None else part.phase if part.alive else part.headline or part.error


def _share(part: Run | None) -> float:
    return 0.0 if part is None else part.fraction if part.alive else 1.0


def show(run: Run, result: PanelResult) -> None:
    """The verdict, the skill of every model, then the tests."""
    st.markdown(f"#### {result.verdict.text}")
    for name, reason in result.failed.items():
        st.warning(f"**{plain(name)}**: {plain(reason)}", icon=":material/error:")
    st.subheader("Skill over all tickers", anchor=False)
    picture = skills(result, mode())
    chart(picture, "Skill of every model against the reference, a dot a ticker", f"skills-{run.id}", f"gridcast-panel-{run.id}")
    st.subheader("Tests over all tickers", anchor=False)
    st.dataframe(comparison_table(result), hide_index=True, key=f"comparisons-{run.id}")
    st.subheader("Calm and wild days", anchor=False)
    st.dataframe(regime_table(result), hide_index=True, key=f"regimes-{run.id}")
    for note in result.notes:
        st.caption(plain(note))


def finished() -> tuple[Run, PanelResult] | None:
    """The latest panel of this lab that has a result."""
    for run in lab().runs("recurrent", parts=False):
        if run.kind == "panel" and run.state is State.DONE:
            with suppress(RunFailed):  # it was cleared to make room
                result = lab().result(run)
                assert isinstance(result, PanelResult)
                return run, result
    return None


SCREEN = Screen(show=show, live=live)
