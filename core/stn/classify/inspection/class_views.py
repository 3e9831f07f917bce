"""What a classifier's transformers do to the test images: examples and mean images of each class, and where they look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.stn.geometry.pixels import pixels_of
from core.stn.geometry.theta import rotation_deg, tangent
from core.stn.networks.classifiers import Classifier

EXAMPLES = 4  # of each class
MOST_CLASSES = 20  # that are shown
MOST_IMAGES = 1000  # that are looked at
AT_ONCE = 250


def examples_of(images: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """The first EXAMPLES images of each class, (classes, EXAMPLES, …); where there are fewer, the rest is blank."""
    shown = np.zeros((min(classes, MOST_CLASSES), EXAMPLES, *images.shape[1:]), images.dtype)
    for label, row in enumerate(shown):
        members = np.flatnonzero(labels == label)[:EXAMPLES]
        row[: len(members)] = images[members]
    return shown


def means_of(images: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """The mean image of each class, uint8 (classes, …); blank for a class without images."""
    shown = np.zeros((min(classes, MOST_CLASSES), *images.shape[1:]), np.uint8)
    for label, mean in enumerate(shown):
        members = images[labels == label]
        mean[:] = members.mean(axis=0) + 0.5 if len(members) else 0
    return shown


def _table(theta: Tensor, number: int, labels: np.ndarray, classes: tuple[str, ...]) -> pd.DataFrame:
    """Thetas (N, …) as rotation, scale and shift, a row an image; homographies and splines at the centre. Scale is √|det|."""
    linear = tangent(theta)
    return pd.DataFrame(
        {
            "class": [classes[label] for label in labels],
            "transformer": number + 1,
            "rotation_deg": rotation_deg(theta).numpy(),
            "scale": torch.linalg.det(linear[..., :2]).abs().sqrt().numpy(),
            "shift_x": linear[..., 0, 2].numpy(),
            "shift_y": linear[..., 1, 2].numpy(),
        }
    )


@dataclass(frozen=True)
class ClassViews:
    """What one model makes of the examples and of each class in the mean, and every theta as rotation, scale and shift."""

    examples: np.ndarray  # uint8 (classes, EXAMPLES, transformers · C, side, side)
    means: np.ndarray  # uint8 (classes, transformers · C, side, side)
    thetas: pd.DataFrame  # class, transformer, rotation_deg, scale, shift_x, shift_y


@torch.inference_mode()
def class_views(model: Classifier, images: Tensor, labels: np.ndarray, classes: tuple[str, ...]) -> ClassViews | None:
    """What the transformers make of distorted images (N, C, side, side), 0 to 1; None for a model that has none."""
    if model.transformers is None:
        return None
    outputs = pixels_of(torch.cat([model.view(part) for part in images.split(AT_ONCE)]))
    thetas = [model.transformers.thetas(part) for part in images.split(AT_ONCE)]
    tables = [_table(torch.cat(each), number, labels, classes) for number, each in enumerate(zip(*thetas, strict=True))]
    count = len(classes)
    thetas_table = pd.concat(tables, ignore_index=True)
    return ClassViews(examples_of(outputs, labels, count), means_of(outputs, labels, count), thetas_table)
