"""The classifiers of `classifiers` as values: which network, how wide, with which transformers. Loads without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.stn.geometry.families import FamilyName
from core.stn.geometry.kernels import KernelName, Padding

ModelName = Literal["fcn", "cnn", "st-fcn", "st-cnn", "modern-cnn"]
Arrangement = Literal["parallel", "deep"]
TITLES: dict[ModelName, str] = {
    "fcn": "FCN",
    "cnn": "CNN",
    "st-fcn": "ST-FCN",
    "st-cnn": "ST-CNN",
    "modern-cnn": "modern CNN",
}


@dataclass(frozen=True)
class Spec:
    """One classifier, whole: what it sees, which network it is, how its transformers are arranged."""

    model: ModelName
    family: FamilyName = "affine"
    side: int = 28  # pixels
    channels: int = 1  # of an image
    classes: int = 10
    width: int = 64  # filters of a convolution, units of a fully connected layer
    transformers: int = 1  # used by st-fcn and st-cnn
    arrangement: Arrangement = "parallel"
    kernel: KernelName = "bilinear"
    padding: Padding = "zeros"
    pool: bool = False  # average pooling by 2 behind the transformer, as the paper does for RTS and TC
    points: int = 0  # a side of the transformers' grid: how large the body sees the image; 0: as many as the image has pixels

    @property
    def spatial(self) -> bool:
        return self.model.startswith("st-")

    @property
    def convolutional(self) -> bool:
        return self.model.endswith("cnn")
