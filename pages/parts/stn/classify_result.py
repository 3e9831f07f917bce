"""A finished classification: the verdict, and what is behind it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.runs.registry import Run
from core.stn.classify import figures
from core.stn.classify.result import ClassifyResult
from core.stn.datasets.distortions import DISTORTIONS
from core.stn.datasets.perturbations import PERTURBATIONS
from core.stn.drawing.sheets import before_and_after, grids_on, montage
from core.stn.networks.spec import TITLES, ModelName
from core.theme import PALETTES
from pages.parts import controls
from pages.parts.layout import chart, mistakes_shown, mode, picture, plain, side_by_side
from pages.parts.runs.conclusion import concluded
from pages.parts.serving.fragments import fragment
from pages.parts.stages import chosen_stage
from pages.parts.task import report
from pages.parts.uploads import readable

TILE = 84  # screen pixels a side of an image on a sheet, about
SHOWN = 3  # examples of a class
LONGEST = 1024  # pixels: longest side of a picture to be classified


def show(run: Run, result: ClassifyResult) -> None:
    """The verdict, the errors, and what the transformers do."""
    concluded(run, result, shown=transformed if result.example_outputs else None)
    if result.left_out:
        st.warning(f"To keep to the time: {'; '.join(result.left_out)}.", icon=":material/timer:")
    best = min(result.scores, key=lambda row: row["error"])
    report({"best_network": best["model"], "better_network": result.better_network, "networks": result.models})
    st.subheader("Error", anchor=False)
    _draw(run, figures.errors(result, mode()), "Error of every network with its interval", "errors")
    weights = {TITLES[row["model"]]: f"{row['parameters']:,}" for row in result.scores}
    counts = ", ".join(f"{name} {count}" for name, count in weights.items())
    st.caption(f"Weights: {counts}. Learned from {result.learned_from:,} images, in {result.seconds:.0f} s for all.")


def learned(run: Run, result: ClassifyResult) -> None:
    """How the networks do under stronger distortions, how they learned, and what they take for what."""
    robustness(run, result)
    if result.example_outputs:
        stages(run, result)
        theta_of_classes(run, result)
    confusions(run, result)
    st.subheader("Loss", anchor=False)
    _draw(run, figures.losses(result, mode()), "Loss of every network by training step", "losses")


def _draw(run: Run, drawn: go.Figure, alt: str, key: str) -> None:
    chart(drawn, alt, f"{key}-{run.id}", f"classify-{run.id}-{key}")


def _one_of(models: tuple[ModelName, ...], key: str) -> ModelName:
    """A choice where there are several models."""
    if len(models) == 1:
        return models[0]
    titles = {TITLES[name]: name for name in models}
    chosen = controls.segmented_control(
        "Network", list(titles), default=TITLES[models[0]], key=key, label_visibility="collapsed", required=True
    )
    return titles[chosen or TITLES[models[0]]]


def _spatial(result: ClassifyResult) -> tuple[ModelName, ...]:
    return tuple(name for name in result.models if name in result.example_outputs)


@fragment
def robustness(run: Run, result: ClassifyResult) -> None:
    """Robustness: one kind of distortion of the test images, ever stronger."""
    if result.robustness.empty:
        return
    st.subheader("Robustness to stronger distortions", anchor=False)
    kinds = {row.title: kind for kind, row in PERTURBATIONS.items()}
    title = controls.segmented_control(
        "Kind", list(kinds), default="Angle", key="stronger", label_visibility="collapsed", required=True
    )
    drawn = figures.robustness(result, kinds[title or "Angle"], mode())
    _draw(run, drawn, f"Accuracy of every network against {title}", "robustness")
    st.caption(figures.about_robustness(result))


@fragment
def transformed(run: Run, result: ClassifyResult) -> None:
    """Every class: examples above what the transformers make of them, and the mean image before and after."""
    st.subheader("Before and after the transformer", anchor=False)
    model = _one_of(_spatial(result), "network")
    with st.grid(5, min_column_width=150):
        for name, sheet in figures.before_and_after_of(result, model, SHOWN).items():
            picture(
                _sheet(sheet, SHOWN),
                f"Examples of {name} above what the transformer makes of them",
                plain(name),
                f"classify-{run.id}-{name}",
            )
    st.caption(f"Above: test images as they were given. Below: as the {TITLES[model]} looks at them.")
    st.markdown("**Each class in the mean**, before and after: the sharper, the more alike the images have become.")
    with st.grid(10, min_column_width=56):
        for name, sheet in figures.means_before_and_after(result, model).items():
            picture(_sheet(sheet, 1), f"Mean image of {name} before and after", plain(name))


def _sheet(rows: np.ndarray, columns: int) -> np.ndarray:
    return montage(rows, max(1, TILE // rows.shape[-1]), 3, PALETTES[mode()].paper, columns)


@fragment
def stages(run: Run, result: ClassifyResult) -> None:
    """The same test images at every stage of the training, with the grid that the network laid on them."""
    st.subheader("Sampling grids during training", anchor=False)
    model = _one_of(_spatial(result), "network_stages")
    thetas, steps = result.path_thetas[model], result.path_steps[model]
    stage = chosen_stage([f"{count:,} steps" for count in steps])
    looks, path = side_by_side(3, 4)
    with looks, st.grid(3, min_column_width=90):
        for image, grids in zip(result.path_images, thetas[stage].swapaxes(0, 1), strict=False):
            picture(grids_on(image, grids, mode()), f"A test image with the sampling grid after {steps[stage]:,} steps")
    looks.caption(f"Where the {TITLES[model]} looked after {steps[stage]:,} steps: six test images it never learned from.")
    with path:
        _draw(run, figures.path(result, model, stage, mode()), "Parameters of theta over the training", "path")


@fragment
def theta_of_classes(run: Run, result: ClassifyResult) -> None:
    """Rotation, scale and shift of theta, class by class."""
    st.subheader("Distribution of predicted θ by class", anchor=False)
    model = _one_of(_spatial(result), "network_theta")
    words = {words: name for name, words in figures.READINGS.items()}
    first = next(iter(words))
    reading = controls.segmented_control(
        "Reading", list(words), default=first, key="reading", label_visibility="collapsed", required=True
    )
    drawn = figures.readings(result, model, words[reading or first], mode())
    _draw(run, drawn, f"Distribution of {reading} over the test images of every class", "readings")
    if "angle" in DISTORTIONS[result.distortion].most:
        st.caption("The images were turned at random, so a wide spread of rotation means that the transformer turns them back.")


def confusions(run: Run, result: ClassifyResult) -> None:
    """The confusion matrix of every network."""
    st.subheader("Confusion matrix", anchor=False)
    with st.grid(2, min_column_width=300):
        for name in result.models:
            with st.container():
                st.markdown(f"**{TITLES[name]}**, in % of each class")
                alt = f"Confusion matrix of the {TITLES[name]}"
                _draw(run, figures.confusion_map(result, name, mode()), alt, f"confusion-{name}")


@fragment
def use(run: Run, result: ClassifyResult) -> None:
    """New pictures, classified by a finished network."""
    from core.stn.classify.predict import recognise  # here, so that this module loads without torch

    st.subheader("Classify your own image", anchor=False)
    model = _one_of(result.models, "network_use")
    what = "A photo of one handwritten digit" if result.digits else "A picture of one of the classes"
    for upload in readable(what, "own", LONGEST):
        with mistakes_shown():
            answer = recognise(result, model, upload.pixels)
        given, output, words = st.columns([1, 1, 2], vertical_alignment="center")
        with given:
            look = grids_on(answer.input, answer.thetas, mode()) if model in result.example_outputs else None
            shown = montage(answer.input[None, None], 4) if look is None else look
            picture(shown, f"{upload.name} as the network is given it", "given")
        with output:
            rows = before_and_after(answer.input[None], answer.output[None])[1:]
            picture(montage(rows, 4), f"{upload.name} as the network sees it", "seen")
        best = answer.probabilities.argsort()[::-1][:3]
        probabilities = "  \n".join(
            f"{plain(result.classes[place])}: {100 * answer.probabilities[place]:.0f} %" for place in best
        )
        words.markdown(f"{plain(upload.name)}: the {TITLES[model]} says **{plain(answer.answer)}**.  \n{probabilities}")
