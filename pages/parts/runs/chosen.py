"""The runs that the address of a screen names, and what each is called there."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from core.runs.beside.beside import MOST
from core.runs.lab import lab
from core.runs.registry import Run
from pages.parts.examples import named
from pages.parts.visitors.me import my_id
from pages.parts.visitors.words import title_of


def runs_in_url() -> list[Run]:
    """Those of `runs` that are here, named as for one run, with commas between them; which of them are not is told."""
    names = [name.strip() for name in st.query_params.get("runs", "").split(",") if name.strip()][: MOST + 1]
    runs = {name: named(name) for name in names}
    if gone := [name for name, run in runs.items() if run is None]:
        st.warning(f"Not here, perhaps deleted: {', '.join(gone)}.", icon=":material/link_off:")
    return list({run.id: run for run in runs.values() if run}.values())


def names_of(runs: list[Run]) -> list[str]:
    """Own names, or titles; equal ones are told apart by the id."""
    labels = lab().registry.labels.several([run.id for run in runs], my_id())
    names = [labels[run.id].name or title_of(run) for run in runs]
    often = Counter(names)
    return [name if often[name] == 1 else f"{name} ({run.id[:4]})" for name, run in zip(names, runs, strict=True)]
