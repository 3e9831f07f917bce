"""The slider of every film: which stage of a training is shown."""

from __future__ import annotations

from pages.parts import controls


def chosen_stage(stages: int) -> int:
    """One of so many stages, from 0; the last until the slider is moved. No slider where there is one stage only."""
    last = stages - 1
    return controls.slider("Stage", 0, last, last, key="stage", label_visibility="collapsed") if last else 0
