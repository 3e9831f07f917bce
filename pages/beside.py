"""Two to six runs of one kind beside each other: what differs between them, where each stands, and one of them whole below."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.runs.beside.beside import Beside, beside
from core.runs.beside.differences import Field
from core.runs.beside.figures import standing_figure
from core.runs.kinds import kind_named
from core.runs.lab import lab
from core.runs.registry import Run, State
from core.runs.standing import Standing
from pages.parts import controls
from pages.parts.follow import follow
from pages.parts.layout import chart, heading, mistakes_shown, mode, name_tab, plain
from pages.parts.runs.chosen import names_of, runs_in_url
from pages.parts.runs.table import COLOURS
from pages.parts.screen import screen_of
from pages.parts.style.style import in_colour_of

TITLE = "Side by side"


def heads(these: Beside, names: list[str]) -> None:
    """A column a run: its name, how it ended, what it found."""
    rows = zip(st.columns(len(names)), these.runs, names, these.standings, these.origins, strict=True)
    for place, run, name, standing, origin in rows:
        with place, st.container(border=True, height="stretch"):
            st.page_link("run.py", label=f"**{plain(name)}**", query_params={"id": run.id})
            st.badge(run.state.value, color=COLOURS[run.state.value])  # type: ignore[arg-type]
            st.markdown(plain(run.headline or run.error or run.phase))
            if origin:
                own = these.name_of(origin, names)
                st.page_link("run.py", label=f"Goes on from {plain(own)}", query_params={"id": origin.run})
            if standing:
                error, baseline = (f"{number:.3g}".replace("-", "−") for number in (standing.error, standing.baseline))
                st.caption(f"Error {error}, {plain(standing.baseline_is)} {baseline} · {plain(standing.health_with_reason)}")


def fields(shown: list[Field], names: list[str], key: str) -> None:
    rows = {"": [field.name[:1].upper() + field.name[1:] for field in shown]}
    values = {name: [field.values[number] for field in shown] for number, name in enumerate(names)}  # noqa: PD011
    st.dataframe(pd.DataFrame(rows | values), hide_index=True, key=key)


def errors(these: Beside, names: list[str]) -> None:
    """The errors in one figure, where they are of one measure."""
    done: list[tuple[str, Standing]] = [(name, one) for name, one in zip(names, these.standings, strict=True) if one]
    if len(done) > 1 and these.comparable:
        drawn = standing_figure([name for name, _ in done], [one for _, one in done], these.runs[0].bench, mode())
        chart(drawn, f"The error of each run, and of {done[0][1].baseline_is}", "errors", "gridcast-side-by-side")
    elif len(done) > 1:
        st.caption("Their errors are measured differently, so no figure sets them side by side.")
    if these.seeds_alone:
        st.markdown(f"Only the seed differs: error **{these.seeds_alone.text}**.")


def whole(runs: list[Run], names: list[str]) -> None:
    """One of the runs as its own screen shows it; what is chosen there stays when another run is chosen."""
    name = controls.segmented_control("Shown below", names, default=names[0], key="shown", required=True) or names[0]
    run = runs[names.index(name)]
    if run.state is State.DONE and (result := follow(run)):
        screen_of(run).show(run, result)
        screen_of(run).folded(run, result)


runs = runs_in_url()
kind = kind_named(runs[0].kind).title if runs else "Runs"
if runs:
    in_colour_of(runs[0].bench)
heading(TITLE, f"{kind}: {len(runs)} runs, what differs between them, and where each stands.")
with mistakes_shown():
    these = beside(lab(), runs)
names = names_of(runs)
heads(these, names)
st.subheader("What differs between the requests", anchor=False)
if these.differing:
    fields(these.differing, names, "differing")
else:
    st.caption("Nothing.")
errors(these, names)
with controls.expander("The same in all", key="same"):
    fields(these.same, names[:1], "same-fields")
whole(runs, names)
name_tab(TITLE)
st.page_link("runs.py", label="All runs", icon=":material/list:")
