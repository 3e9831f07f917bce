"""Classify a new picture with a model of a finished classification."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.errors import ImageError, InvalidRequest
from core.stn.classify.result import ClassifyResult
from core.stn.datasets.digits import SIDE
from core.stn.datasets.labels import squares
from core.stn.geometry.pixels import pixels_of
from core.stn.geometry.theta import identity
from core.stn.networks.classifiers import Classifier, build
from core.stn.networks.spec import TITLES, ModelName
from core.stn.networks.stored import of_model
from core.stn.networks.weights import put_into

INK = 64  # grey levels above the paper from which a pixel belongs to a digit
DIGIT = 20  # pixels: longest side of a digit in MNIST
MIDDLE = 14.5  # where its centre of mass lies, in pixels from the edge; measured over the test digits


@dataclass(frozen=True)
class Recognised:
    """What a model says of a picture."""

    answer: str  # the most probable class
    probabilities: np.ndarray  # (classes,)
    input: np.ndarray  # uint8 (C, side, side): what the model was given
    output: np.ndarray  # uint8 (transformers · C, side, side): what its transformers make of it
    thetas: np.ndarray  # (transformers, *theta); of a plain network one identity


def _centre_of_mass(image: np.ndarray) -> tuple[float, float]:
    """x and y in pixels from the left upper corner of an image (H, W)."""
    columns, rows = image.sum(axis=0), image.sum(axis=1)
    x, y = (np.average(np.arange(len(mass)) + 0.5, weights=mass) for mass in (columns, rows))
    return float(x), float(y)


def as_digit(picture: np.ndarray) -> np.ndarray:
    """A photographed digit (H, W, 3) as MNIST has them, uint8 (28, 28): light on black, 20 pixels long, its centre of mass
    in the middle (LeCun et al. 1998)."""
    grey = np.asarray(Image.fromarray(picture).convert("L")).astype(np.float32)
    paper = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    ink = np.abs(grey - paper)
    if ink.max() < INK:
        raise ImageError("there is no digit to be seen in this picture; use one with more contrast")
    rows, columns = (np.flatnonzero((ink >= ink.max() / 2).any(axis=axis)) for axis in (1, 0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] * (255 / ink.max())
    scale = DIGIT / max(cut.shape)
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    small = Image.fromarray(cut.astype(np.uint8)).resize(size, Image.Resampling.LANCZOS)
    left, top = (round(MIDDLE - middle) for middle in _centre_of_mass(np.asarray(small, np.float64)))
    sheet = Image.new("L", (SIDE, SIDE))
    sheet.paste(small, (left, top))
    return np.asarray(sheet)


def _prepared(result: ClassifyResult, picture: np.ndarray) -> Tensor:
    """The picture as the networks were given theirs: (1, C, canvas, canvas) in 0 to 1, in the middle of the canvas."""
    spec, side = next(iter(result.specs.values())), result.clean_side
    clean = as_digit(picture)[None] if result.digits else squares([picture], side)[0]  # (C, side, side)
    grey = clean.mean(axis=0, keepdims=True) if spec.channels == 1 else np.broadcast_to(clean, (spec.channels, side, side))
    image = torch.from_numpy(np.array(grey, np.float32))[None] / 255
    before, after = (spec.side - side) // 2, -(-(spec.side - side) // 2)
    return torch.nn.functional.pad(image, (before, after, before, after))


def classifier_from(result: ClassifyResult, model: ModelName) -> Classifier:
    """A trained model again, in eval mode; InvalidRequest when the run has no such model, StoreError when it does not fit."""
    if model not in result.specs:
        named = ", ".join(TITLES[name] for name in result.models)
        raise InvalidRequest(f"this run has no {TITLES.get(model, model)}; it has {named}")
    network = build(result.specs[model])
    put_into(network, of_model(result.weights, model))
    return network.eval()


def recognise(result: ClassifyResult, model: ModelName, picture: np.ndarray) -> Recognised:
    """What a model of a run says of a picture (H, W, 3), uint8. ImageError where there is nothing to see."""
    network = classifier_from(result, model)
    image = _prepared(result, picture)
    with torch.inference_mode():
        probabilities = torch.softmax(network(image), dim=1)[0].numpy()
        output = pixels_of(network.view(image))[0]
        thetas = torch.cat(network.transformers.thetas(image)) if network.transformers else identity()
    answer = result.classes[int(probabilities.argmax())]
    return Recognised(answer, probabilities, pixels_of(image)[0], output, thetas.numpy())
