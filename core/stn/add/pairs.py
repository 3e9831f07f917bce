"""Sums of two digits: each lies in a channel of its own, turned, scaled and shifted by itself; the class is their sum.

Jaderberg et al. 2015, appendix A.1: channels of 42 × 42 pixels, 19 classes. No single transformation puts both digits upright;
two transformers in parallel can take one each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import torch
from torch import Generator, Tensor

from core.stn.datasets.distortions import DISTORTIONS
from core.stn.datasets.labelled import Labelled
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import grid_of, sample
from core.stn.geometry.theta import compose, identity, move
from core.stn.networks.classifiers import Classifier, Transformers, build
from core.stn.networks.spatial_transformer import ThetaLayer
from core.stn.networks.spec import Spec

AdderName = Literal["fcn", "cnn", "st-fcn", "2xst-fcn"]
TITLES: dict[AdderName, str] = {"fcn": "FCN", "cnn": "CNN", "st-fcn": "ST-FCN", "2xst-fcn": "2×ST-FCN"}
SIDE, CLASSES = 42, 19
UNITS, FILTERS = 256, 32  # the widths of the paper's networks (A.4)
EASY, FULL = 0.1, 0.7  # shares of the training up to which digits are upright, and from which they are fully distorted
ASIDE = 0.1  # how far several transformers look to either side at first, half the side being 1
_DIGIT = 28  # pixels a side
_RTS = DISTORTIONS["RTS"]


@dataclass(frozen=True)
class Pairs:
    """Two digits an image, their sums, and how each was distorted."""

    images: Tensor  # (B, 2, 42, 42), 0 to 1
    digits: Tensor  # (B, 2)
    thetas: Tensor  # (B, 2, 2, 3): from the canvas to the clean digit

    @property
    def sums(self) -> Tensor:
        return self.digits.sum(dim=1)


def pairs_of(data: Labelled, count: int, generator: Generator, amount: float = 1.0) -> Pairs:
    """`count` pairs of any two digits, each distorted by itself; an amount of 0 leaves both upright in the middle."""
    chosen = data[torch.randint(len(data), (2 * count,), generator=generator)]
    drawn = _RTS.thetas(2 * count, _DIGIT, SIDE, generator)
    thetas = torch.lerp(SIDE / _DIGIT * torch.eye(2, 3).expand_as(drawn), drawn, amount)
    images = sample(chosen.images.float() / 255, grid_of(thetas, SIDE, SIDE), "zeros")
    return Pairs(images.view(count, 2, SIDE, SIDE), chosen.labels.view(count, 2), thetas.view(count, 2, 2, 3))


def amount_at(share: float) -> float:
    """How much the digits are distorted after a share of the training: nothing at first, everything from 70 % on.

    All models begin with what is easy. Thrown at fully distorted sums, they answer the commonest sum for thousands of steps.
    """
    return min(1.0, max(0.0, (share - EASY) / (FULL - EASY)))


def sums_of(data: Labelled, batch: int, generator: Generator, share: Callable[[], float]) -> Iterator[tuple[Tensor, Tensor]]:
    """Fresh batches of images with their sums, without end; `share` says how much of the training is over."""
    while True:
        pairs = pairs_of(data, batch, generator, amount_at(share()))
        yield pairs.images, pairs.sums


def spec_of(name: AdderName, family: FamilyName) -> Spec:
    """The network behind a name: both channels go into every transformer, and both come out of it."""
    plain = Spec("fcn", family=family, side=SIDE, channels=2, classes=CLASSES, width=UNITS)
    specs: dict[AdderName, Spec] = {
        "fcn": plain,
        "cnn": Spec("cnn", side=SIDE, channels=2, classes=CLASSES, width=FILTERS),
        "st-fcn": Spec("st-fcn", family=family, side=SIDE, channels=2, classes=CLASSES, width=UNITS, pool=True),
        "2xst-fcn": Spec(
            "st-fcn", family=family, side=SIDE, channels=2, classes=CLASSES, width=UNITS, pool=True, transformers=2
        ),
    }  # fmt: skip
    return specs[name]


def adder(name: AdderName, family: FamilyName, seed: int) -> Classifier:
    """A network with fresh weights; several transformers begin a little to the left and to the right of each other."""
    model = build(spec_of(name, family), seed)
    if model.transformers is not None and len(model.transformers.localizers) > 1:
        _spread(model.transformers, family)
    return model


@torch.no_grad()
def _spread(transformers: Transformers, family: FamilyName) -> None:
    layers = [layer for layer in transformers.modules() if isinstance(layer, ThetaLayer)]
    for layer, x in zip(layers, torch.linspace(-ASIDE, ASIDE, len(layers)), strict=True):
        aside = torch.tensor([[[1.0, 0.0, x], [0.0, 1.0, 0.0]]])
        layer.bias.copy_(FAMILIES[family].params(compose(aside, identity(1, family)))[0])


@torch.inference_mode()
def answers(model: Classifier, pairs: Pairs, at_once: int = 500) -> np.ndarray:
    """The sum (B,) that the model gives each pair."""
    return torch.cat([model(part).argmax(dim=1) for part in pairs.images.split(at_once)]).numpy()


@torch.inference_mode()
def steadiness(model: Classifier, pairs: Pairs, name: AdderName) -> pd.DataFrame:
    """How much of each digit's motion each transformer takes away: a row a transformer and channel.

    1 means that behind this transformer the digit always lies alike; 0 as unsteadily as before, below 0 more so. It is one
    minus the variance of where a fixed square of the output lies on the clean digit, over that without a transformer.
    """
    square = torch.tensor([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])[None]
    thetas = [] if model.transformers is None else model.transformers.thetas(pairs.images)
    rows = []
    for number, theta in enumerate(thetas):
        seen = move(theta, square)  # (B, 4, 2), on the canvas
        for channel in range(2):
            before = move(pairs.thetas[:, channel], square).var(dim=0).sum()
            after = move(pairs.thetas[:, channel], seen).var(dim=0).sum()
            rows.append({"model": name, "transformer": number + 1, "digit": channel + 1, "steadied": float(1 - after / before)})
    return pd.DataFrame(rows, columns=["model", "transformer", "digit", "steadied"])
