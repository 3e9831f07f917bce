"""Classify: networks with and without spatial transformers learn to classify distorted images, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.runs.live.blocks import Column, Look, PictureBlock
from core.runs.live.snapshots import Snapshot
from core.stn.classify.request import ClassifyRequest
from core.stn.datasets.decoding.folders import LabelledPicture, LabelledPictures, without_copies
from core.stn.datasets.digits import shipped
from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.datasets.labels import squares
from core.stn.drawing.sheets import montage
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kernels import KERNELS, KernelName
from core.stn.learning.digit_recipes import SHORT_RUN, is_of_the_table
from core.stn.networks.spec import TITLES, Arrangement, ModelName
from pages.parts import controls
from pages.parts.layout import picture
from pages.parts.links.offered import offered_as
from pages.parts.progress import Rows, losses_block
from pages.parts.screen import Form, Screen
from pages.parts.stn import classify_result
from pages.parts.stn.labelled.digits import MNIST, stored_mnist
from pages.parts.stn.labelled.own_pictures import counted as own_counted
from pages.parts.stn.labelled.own_pictures import own_pictures
from pages.parts.stn.labelled.paper_table import paper_table
from pages.parts.stn.labelled.refilled import labelled_files
from pages.parts.uploads import stored

DIGITS, OWN = "Digits", "Your own"
PRESETS = {"20 s": 20.0, "1 min": 60.0, "5 min": 300.0, "30 min": 1800.0}
WORDS: dict[str, DistortionName] = {f"{row.name}: {row.title}": row.name for row in DISTORTIONS.values()}
MODELS: dict[str, ModelName] = {title: name for name, title in TITLES.items()}
PREVIEWS = 12
SIDE = 32  # pixels of an upload
EXPLANATION = (
    "Every network sees the same images, distorted afresh for every step, and has the same time, or takes as many steps where "
    "that is asked, and has as many weights unless equal widths are chosen. A plain CNN has to learn each class in every "
    "position. A **spatial transformer** first predicts $\\theta$ and looks at the image through it, "
    "$V = \\mathcal{T}_\\theta(U)$; only the classification error "
    "trains it, without any label for the pose. Which pose it turns images to is not prescribed: digits come out alike, though "
    "not always upright. Errors are measured on images that no network has seen; ± is one standard error, counted by "
    "image, and networks are compared image by image."
)


@dataclass(frozen=True)
class ClassifyChoice:
    """Images and settings; no pictures: an upload is still missing."""

    source: str
    given: LabelledPictures
    distortion: DistortionName
    settings: dict[str, Any]  # the remaining fields of the request

    @property
    def pictures(self) -> list[LabelledPicture]:
        return self.given.pictures

    @property
    def size(self) -> float:
        """Of its request: seconds."""
        return float(self.settings["budget"] * len(self.settings["models"]))

    def request(self) -> ClassifyRequest:
        chosen = {"distortion": self.distortion, **self.settings}
        if self.source == DIGITS:
            return ClassifyRequest(digits="shipped", **chosen)
        if self.source == MNIST:
            return ClassifyRequest(digits="mnist", mnist=stored_mnist(), **chosen)
        kept = without_copies(self.pictures)
        return ClassifyRequest(
            images=tuple(stored(one.picture.pixels) for one in kept),
            names=tuple(one.picture.name for one in kept),
            labels=tuple(one.label for one in kept),
            tested=tuple(one.tested for one in kept) if self.given.split else (),
            side=SIDE,
            **chosen,
        )


def form() -> ClassifyChoice:
    source = controls.segmented_control("Images", [DIGITS, MNIST, OWN], default=DIGITS, key="classify_images", required=True)
    given = own_pictures("classify") if source == OWN else LabelledPictures([])
    words = controls.selectbox("Distorted", list(WORDS), key="classify_distortion")
    titles = controls.pills("Networks", list(MODELS), selection_mode="multi", default=["CNN", "ST-CNN"], key="classify_models")
    preset = controls.segmented_control("Time for each", list(PRESETS), default="20 s", key="classify_time", required=True)
    chosen = {"models": tuple(MODELS[title] for title in titles), "budget": PRESETS[preset or "20 s"], **transformer()}
    return ClassifyChoice(source or DIGITS, given, WORDS[words], chosen)


def transformer() -> dict[str, Any]:
    """What the transformers are made of."""
    with controls.fold("The transformer", key="transformer"):
        family: FamilyName = controls.selectbox("Family", list(FAMILIES), 3, key="classify_family")
        count = controls.segmented_control("How many", [1, 2, 3], default=1, key="classify_transformers", required=True)
        how: Arrangement = controls.segmented_control(
            "Arranged", ["parallel", "deep"], default="parallel", key="classify_arrangement",
            disabled=count == 1, required=True,
        )  # fmt: skip
        kernel: KernelName = controls.selectbox(
            "Sampling kernel", list(KERNELS), list(KERNELS).index("bilinear"), key="classify_kernel",
            help="A Gaussian learns its own width.",
        )  # fmt: skip
        matched = controls.toggle("As many weights for all networks", True, key="classify_matched")
    return {
        "family": family,
        "kernel": kernel,
        "transformers": count or 1,
        "arrangement": how or "parallel",
        "match_parameters": matched,
    }


def preview(choice: ClassifyChoice) -> None:
    """A few images as the networks will be given them, and what the paper's networks reach."""
    _given(choice)
    if choice.source != OWN:
        paper_table()


def _given(choice: ClassifyChoice) -> None:
    if choice.source == OWN and not choice.pictures:
        st.info("Upload a ZIP with one folder a class, or pictures and type their classes.", icon=":material/arrow_back:")
        return
    import torch  # here, because it takes a second

    from core.stn.geometry.pixels import pixels_of

    images = torch.from_numpy(first_images(choice))
    generator = torch.Generator().manual_seed(1)
    row = DISTORTIONS[choice.distortion]
    given = pixels_of(row.draw(images, generator, images).images)
    st.subheader("What the networks will see", anchor=False)
    with st.grid(6, min_column_width=100):
        for image in given:
            picture(montage(image[None, None], max(1, 112 // image.shape[-1])), f"An image of the test, {row.title}")
    st.caption(f"{row.title.capitalize()}, afresh for every step. {counted(choice)}{_which_networks(choice)}")


def _which_networks(choice: ClassifyChoice) -> str:
    """Said where the networks are not those of the table below."""
    if choice.source == OWN or is_of_the_table(choice.distortion, choice.settings["budget"]):
        return ""
    return (
        f" In less than {SHORT_RUN / 60:g} minutes smaller networks learn, which halve what the transformer shows; those of "
        "the table below need three times as long for a step."
    )


def first_images(choice: ClassifyChoice) -> np.ndarray:
    """(PREVIEWS, C, H, W), uint8."""
    if choice.source == OWN:
        step = max(1, len(choice.pictures) // PREVIEWS)
        return squares([one.picture.pixels for one in choice.pictures[::step][:PREVIEWS]], SIDE)
    return shipped().test.images[:PREVIEWS, None].copy()


def counted(choice: ClassifyChoice) -> str:
    """How many images there are of which class."""
    if choice.source == DIGITS:
        return "5,000 digits for training and 1,000 for the test, from MNIST."
    if choice.source == MNIST:
        return "60,000 digits for training and 10,000 for the test; they are fetched when you press Train."
    return own_counted(choice.given, SIDE)


def refill(request: ClassifyRequest) -> dict[str, Any]:
    """The form's controls as they are for a request, by key."""
    own = {"classify_photos": labelled_files(request.names, request.labels, request.tested, request.images)}
    return {
        **({} if request.digits else own),
        "classify_images": {"shipped": DIGITS, "mnist": MNIST}.get(request.digits or "", OWN),
        "classify_distortion": offered_as(WORDS, request.distortion),
        "classify_models": [TITLES[name] for name in request.models],
        "classify_time": offered_as(PRESETS, request.budget), "classify_family": request.family,
        "classify_transformers": request.transformers, "classify_arrangement": request.arrangement,
        "classify_kernel": request.kernel, "classify_matched": request.match_parameters, "seed": request.seed,
    }  # fmt: skip


def live(snapshot: Snapshot, look: Look) -> Rows:
    """What each transformer looks at now, and the loss of every network so far."""
    looks = [PictureBlock(name, f"Above: test images. Below: {name} now.", jpeg) for name, jpeg in snapshot.pictures.items()]
    return ((Column(looks, 3), Column([losses_block(snapshot, look, TITLES)], 2)),)


SCREEN = Screen(
    show=classify_result.show,
    use=classify_result.use,
    learned=classify_result.learned,
    live=live,
    refill=refill,
    form=Form(
        purpose="Let networks with and without a spatial transformer learn the same distorted images; see what it is worth.",
        explanation=EXPLANATION,
        draw=form,
        preview=preview,
        uploads="classify_photos",
    ),
)
