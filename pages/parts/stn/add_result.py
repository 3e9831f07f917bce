"""A finished add run: who errs how often, what the transformers do, how it was learned."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.runs.registry import Run
from core.stn.add.adders import TITLES, AdderName
from core.stn.add.figures import curves, error_bars, steadiness_heatmap
from core.stn.add.pictures import coloured
from core.stn.add.result import AddResult
from pages.parts import controls
from pages.parts.layout import chart, mode, picture, side_by_side
from pages.parts.runs.conclusion import concluded
from pages.parts.serving.fragments import fragment
from pages.parts.stages import after_seconds, chosen_stage

SHOWN = 6  # pairs


def show(run: Run, result: AddResult) -> None:
    """Who errs how often, what the transformers do, how it was learned."""
    concluded(run, result)
    errors, steady = side_by_side(1, 1)
    with errors:
        st.subheader("Wrong sums", anchor=False)
        chart(error_bars(result, mode()), "Error of every network beside the paper's", f"e-{run.id}", f"add-{run.id}-errors")
        weights = ", ".join(f"{TITLES[row['model']]} {row['parameters']:,}" for row in result.scores)
        st.caption(f"{len(result.truth):,} pairs of test digits; ± two standard errors. Weights: {weights}.")
    if result.films:
        with steady:
            st.subheader("Which digit each transformer holds still", anchor=False)
            alt = "Share of each digit's motion that each transformer takes away"
            chart(steadiness_heatmap(result, mode()), alt, f"steady-{run.id}", f"add-{run.id}-steadiness")
        looks(run, result)
    wrong, losses = side_by_side(1, 1)
    with wrong:
        st.subheader("Wrong sums while learning", anchor=False)
        drawn = curves(result, result.errors, "wrong sums (%)", mode())
        chart(drawn, "Error of every network by seconds", f"errors-{run.id}", f"add-{run.id}-learning")
    with losses:
        st.subheader("Loss", anchor=False)
        drawn = curves(result, result.losses, "loss", mode())
        chart(drawn, "Loss of every network by seconds", f"loss-{run.id}", f"add-{run.id}-loss")
        if result.about_loss:
            st.caption(result.about_loss)


@fragment
def looks(run: Run, result: AddResult) -> None:
    """The same pairs through every transformer, at every stage of its training."""
    st.subheader("What each transformer makes of both digits", anchor=False)
    titles: dict[str, AdderName] = {TITLES[name]: name for name in result.models if name in result.films}
    label = next(iter(reversed(titles)))
    if len(titles) > 1:
        chosen = controls.segmented_control(
            "Network", list(titles), default=label, key="network", label_visibility="collapsed", required=True
        )
        label = chosen or label
    film, seconds = result.films[titles[label]], result.film_seconds[titles[label]]
    stage = chosen_stage(after_seconds(seconds))
    columns = [np.concatenate([pair[None], views]) for pair, views in zip(result.examples, film[stage], strict=True)]
    with st.grid(SHOWN, min_column_width=90):
        for views, digits in zip(columns, result.example_digits, strict=True):
            drawn = np.concatenate([coloured(view) for view in views])
            alt = f"A {digits[0]} and a {digits[1]}; below, what each transformer makes of both"
            picture(drawn, alt, f"{digits[0]} + {digits[1]}")
    transformers = "the transformer" if film.shape[2] == 1 else f"each of the {film.shape[2]} transformers"
    st.caption(f"Above: as given. Below: as {transformers} of the {label} shows both, after {seconds[stage]:.0f} s.")
