"""The group Days: when gains were made over the test, and what is left of them on calm and on volatile days."""

from __future__ import annotations

import streamlit as st

from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.panel.day_figures import gain_chart
from core.rnn.panel.models import panel_model
from core.rnn.panel.overview_figures import regime_chart
from core.rnn.panel.result import PanelResult
from core.rnn.panel.views import drawn_together, gains
from core.runs.registry import Run
from pages.parts.layout import mode
from pages.parts.rnn.panel_parts.shared import as_file, chosen_loss, chosen_reference, draw


def show(run: Run, result: PanelResult) -> None:
    with st.container(horizontal=True, gap="medium"):
        loss = chosen_loss(result)
        reference = chosen_reference(result)
    rival = panel_model(reference).title
    st.subheader("Cumulative gain over the test", anchor=False)
    summed = gains(result, drawn_together(result, reference), reference, loss)
    drawn = gain_chart(summed, reference, LOSS_FUNCTIONS[loss].title, mode())
    draw(run, drawn, f"Gain of the best models over {rival}, summed over the test days", "gains")
    st.caption(
        "A line rises on days on which its model was better in the mean over the tickers. One steep step is a single event; a "
        "steady slope is skill. Shaded: volatile days, before which the market's running level was above its median. Shown are "
        "the best of each kind by the validation days."
    )
    as_file(run, summed.table(), "gains")
    st.subheader("Calm and volatile days", anchor=False)
    draw(run, regime_chart(result, reference, mode()), f"Skill against {rival} on calm and on volatile days", "regimes")
    title = LOSS_FUNCTIONS[result.verdict.loss].title
    st.caption(f"By {title}, with 95 % intervals. Half of the test days are calm, half volatile: known the day before.")
    as_file(run, result.regimes, "regimes")
