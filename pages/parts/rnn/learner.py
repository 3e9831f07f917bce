"""A part of a panel, opened by itself: the panel that it was fitted for shows what its forecasts are worth."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.rnn.panel.learner.result import LearnerResult
from core.rnn.panel.models import panel_model
from core.runs.registry import Run
from pages.parts.layout import table
from pages.parts.screen import Screen


def show(run: Run, result: LearnerResult) -> None:
    """Which models were fitted, how long that took, and whether they are causal."""
    st.caption(f"A part of a panel of {len(result.symbols)} tickers; open the panel for its tests.")
    models = list(result.causal)
    rows = {
        "Model": [panel_model(name).title for name in models],
        "Seconds": [round(result.seconds.get(name, 0.0), 1) for name in models],
        "Causal": ["yes" if result.causal[name] else "no" for name in models],
    }
    table(pd.DataFrame(rows), key=f"learner-{run.id}")


SCREEN = Screen(show=show)
