"""The group Networks: committees against single seeds, and how the networks learned."""

from __future__ import annotations

import streamlit as st

from core.rnn.panel.models import panel_model
from core.rnn.panel.overview_figures import committee_chart, learning_chart
from core.rnn.panel.result import PanelResult
from core.rnn.panel.views import committees
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import mode
from pages.parts.rnn.panel_parts.shared import as_file, chosen_model, draw


def show(run: Run, result: PanelResult) -> None:
    table = committees(result)
    if len(table):
        st.subheader("A committee against one seed", anchor=False)
        won = int((table["committee"] > table["one_seed"]).sum())
        st.markdown(
            f"The same network, trained from {int(table['seeds'].max())} seeds: the mean of their forecasts scores higher than "
            f"a single one for {won} of {len(table)} networks. Errors that differ from seed to seed cancel out."
        )
        alt = "Skill of a single seed and of the committee of all seeds, by network"
        draw(run, committee_chart(result, mode()), alt, "committees")
        st.caption("Open: one seed, the mean over the seeds. Filled: their mean forecast, which every table and test uses.")
        as_file(run, table, "committees")
    if len(result.curves):
        with controls.fold("How they learned", key="curves") as unfolded:
            if not unfolded:
                return
            model = chosen_model(result, list(dict.fromkeys(result.curves["model"])), "curve", "Network")
            alt = f"Training and validation loss of {panel_model(model).title} by step"
            draw(run, learning_chart(result, model, mode()), alt, "curves")
            st.caption("A line a seed. Training stops where the loss of the validation days falls no further.")
