"""Robustness curves: how accuracy falls when one thing is done to the test images, by ever more.

One perturbation at a time, by exactly the amount, to a random side; everything else stays as it is, and the image stands in the
middle of its canvas, without clutter. Amounts up to `Distortion.most` occurred in training, larger ones did not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.perturbations import PERTURBATIONS, PerturbationName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid, identity, move
from core.stn.learning.recipe import AT_ONCE
from core.stn.learning.scoring import Accuracy, accuracy


@dataclass(frozen=True)
class Point:
    """One point of a curve."""

    kind: PerturbationName
    amount: float
    accuracy: Accuracy
    images: int  # that it was measured on


def perturbed(
    images: Tensor, distortion: DistortionName, kind: PerturbationName, amount: float, generator: torch.Generator
) -> Tensor:
    """Clean images (B, C, side, side), uint8, on the canvas of a distortion with one thing done to them: 0 to 1."""
    row, side = DISTORTIONS[distortion], images.shape[-1]
    canvas = row.canvas(side)
    placed = canvas / side * identity()  # the image in the middle of its canvas
    theta = PERTURBATIONS[kind].thetas(amount, len(images), generator)
    grid = move(theta, frame_grid(placed, canvas, canvas))  # (B, canvas, canvas, 2)
    return sample(images.float() / 255, grid, row.padding)


@torch.inference_mode()
def _measured(
    model: nn.Module, data: Labelled, distortion: DistortionName, kind: PerturbationName, amount: float, seed: int
) -> Accuracy:
    generator = torch.Generator().manual_seed(seed)
    answers = [model(perturbed(part, distortion, kind, amount, generator)).argmax(dim=1) for part in data.images.split(AT_ONCE)]
    return accuracy(torch.cat(answers)[None].cpu().numpy(), data.labels.cpu().numpy())


def curves(model: nn.Module, data: Labelled, distortion: DistortionName, seed: int) -> Iterator[Point]:
    """Every point of every curve; the images of a point are the same for every model, and the amount 0 is measured once."""
    untouched = _measured(model, data, distortion, "angle", 0.0, seed)
    for kind, row in PERTURBATIONS.items():
        for amount in row.amounts:
            measured = _measured(model, data, distortion, kind, amount, seed) if amount else untouched
            yield Point(kind, amount, measured, len(data.labels))
