"""Pairs of digits to add: each in a channel of its own, turned, scaled and shifted by itself; the class is their sum.

Jaderberg et al. 2015, appendix A.1: channels of 42 × 42 pixels, 19 classes. No single transformation puts both digits upright;
two transformers in parallel can take one each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from core.stn.add.adders import SIDE
from core.stn.datasets.distortions import DISTORTIONS
from core.stn.datasets.labelled import Labelled
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid

EASY, FULL = 0.1, 0.7  # shares of the training up to which digits are upright, and from which they are fully distorted
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
    images = sample(chosen.images.float() / 255, frame_grid(thetas, SIDE, SIDE), "zeros")
    return Pairs(images.view(count, 2, SIDE, SIDE), chosen.labels.view(count, 2), thetas.view(count, 2, 2, 3))


def amount_at(share: float) -> float:
    """How much the digits are distorted after a share of the training: nothing at first, everything from 70 % on.

    All models begin with what is easy (curriculum learning). On fully distorted digits they answer the commonest sum for
    thousands of steps.
    """
    return min(1.0, max(0.0, (share - EASY) / (FULL - EASY)))


def sums_of(data: Labelled, batch: int, generator: Generator, shares: Iterable[float]) -> Iterator[tuple[Tensor, Tensor]]:
    """Fresh batches of images with their sums, one for each share of the training that is over."""
    for share in shares:
        pairs = pairs_of(data, batch, generator, amount_at(share))
        yield pairs.images, pairs.sums
