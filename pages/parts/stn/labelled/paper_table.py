"""Table 1 of the paper beside what this lab's code reaches: the same numbers as docs/RESULTS.md."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.stn.datasets.distortions import DISTORTIONS
from core.stn.paper import table as paper
from core.stn.paper.answers import kept
from core.stn.paper.figure import beside_the_paper
from pages.parts import controls
from pages.parts.layout import chart, mode, table

COLUMNS = {
    "title": st.column_config.TextColumn("Network"),
    "paper": st.column_config.NumberColumn("Paper (%)", format="%.1f"),
    "ours": st.column_config.NumberColumn("Ours (%)", format="%.2f"),
    "se": st.column_config.NumberColumn("± se", format="%.2f"),
    "networks": st.column_config.NumberColumn("Networks"),
    "draws": st.column_config.NumberColumn("Test draws"),
    "epochs": st.column_config.NumberColumn("Epochs", format="%.0f"),
    "minutes": st.column_config.NumberColumn("Minutes", format="%.1f"),
}


def paper_table() -> None:
    """Figure and table of one set of distortions, which the visitor chooses."""
    entries = paper.runs()
    if not entries:
        return
    st.subheader("The paper's table, measured again", anchor=False)
    name = controls.segmented_control("Distortion", paper.SETS, default="R", key="paper_set", required=True) or "R"
    alike = [[e for e in group if e["set"] == name] for group in paper.trained_alike(entries)]
    answers = kept()
    every = pd.concat([paper.summary(group, answers) for group in alike])
    rows = every[(every["set"] == name) & (every.paper.notna() | every.ours.notna())]
    chart(beside_the_paper(rows, mode()), f"Errors under {name}, ours beside the paper's", "paper-table", f"paper-{name}")
    count = int(rows.networks.sum())
    networks = "1 network" if count == 1 else f"{count} networks"
    st.caption(
        f"{DISTORTIONS[name].title.capitalize()}. Trained here so far: {networks} of this "
        "set, on all 60,000 training digits, with as many parameters as the affine ST-CNN of this set, and tested on the "
        "10,000 test digits, distorted anew for every draw. Compare networks that were trained equally long: the paper trained "
        "640 epochs. Learning rate and share of hard digits were chosen without the test digits. "
        "Bars are one standard error, over trainings, digits and distortions, where answers were kept; "
        "a diamond stands alone where nothing of ours has been measured."
    )
    measured = rows[rows.ours.notna()]
    if len(measured):
        table(measured[list(COLUMNS)], columns=COLUMNS)
    for contest in [contest for group in alike for contest in paper.contests(group, answers)]:
        st.markdown(contest.sentence)
