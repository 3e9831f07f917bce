"""Small networks and images for the tests of this package."""

from __future__ import annotations

import numpy as np
import torch

from core.stn.datasets.samples import digits
from core.stn.networks.classifiers import Classifier, build
from core.stn.networks.spec import Spec

IMAGES = torch.from_numpy(digits(count=30).copy())[:, None].float() / 255
LABELS = np.arange(30) % 3
CLASSES = ("a", "b", "c")


def turned(angle: float) -> Classifier:
    """An ST-CNN that turns every image by this angle."""
    model = build(Spec("st-cnn", family="similarity", classes=3, width=8)).eval()
    phi = np.deg2rad(angle)
    assert model.transformers is not None
    with torch.no_grad():
        list(model.transformers.localizers[0].parameters())[-1].copy_(
            torch.tensor([2 * np.cos(phi), 2 * np.sin(phi), 0.1, -0.2])
        )
    return model
