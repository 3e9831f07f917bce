"""The networks that add, built, and what is measured of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from core.stn.add.adders import AdderName, spec_of
from core.stn.add.pairs import Pairs
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.theta import compose, identity, move
from core.stn.networks.classifiers import Classifier, Transformers, build
from core.stn.networks.spatial_transformer import ThetaLayer

ASIDE = 0.1  # how far several transformers look to either side at first, half the side being 1


@torch.no_grad()
def _spread(transformers: Transformers, family: FamilyName) -> None:
    layers = [layer for layer in transformers.modules() if isinstance(layer, ThetaLayer)]
    for layer, x in zip(layers, torch.linspace(-ASIDE, ASIDE, len(layers)), strict=True):
        aside = torch.tensor([[[1.0, 0.0, x], [0.0, 1.0, 0.0]]])
        layer.bias.copy_(FAMILIES[family].params(compose(aside, identity(1, family)))[0])


def adder(name: AdderName, family: FamilyName, seed: int) -> Classifier:
    """A network with fresh weights; several transformers begin a little to the left and to the right of each other."""
    model = build(spec_of(name, family), seed)
    if model.transformers is not None and len(model.transformers.localizers) > 1:
        _spread(model.transformers, family)
    return model


@torch.inference_mode()
def answers(model: Classifier, pairs: Pairs, at_once: int = 500) -> np.ndarray:
    """The sum (B,) that the model gives each pair."""
    return torch.cat([model(part).argmax(dim=1) for part in pairs.images.split(at_once)]).numpy()


@torch.inference_mode()
def steadiness(model: Classifier, pairs: Pairs, name: AdderName) -> pd.DataFrame:
    """How much of each digit's motion each transformer removes: a row for each transformer and channel.

    One minus the variance of where a fixed square of the output lies on the clean digit, over the same variance without a
    transformer: 1 where the digit always lies alike behind it, 0 where it moves as before, below 0 where it moves more.
    """
    square = torch.tensor([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])[None]
    thetas = [] if model.transformers is None else model.transformers.thetas(pairs.images)
    rows = []
    for number, theta in enumerate(thetas):
        sources = move(theta, square)  # (B, 4, 2), on the canvas
        for channel in range(2):
            before = move(pairs.thetas[:, channel], square).var(dim=0).sum()
            after = move(pairs.thetas[:, channel], sources).var(dim=0).sum()
            rows.append({"model": name, "transformer": number + 1, "digit": channel + 1, "steadied": float(1 - after / before)})
    return pd.DataFrame(rows, columns=["model", "transformer", "digit", "steadied"])
