"""Which images are learned from and which are kept for the test; both have their share of every class.

Stratified k-fold cross-validation: Kohavi 1995.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

UNSEEN = 1_000_003  # added to a seed where a test draws at random, so that it draws what training does not


@dataclass(frozen=True)
class Fold:
    """Indices of the images to learn from and of those to be tested on."""

    train: np.ndarray
    test: np.ndarray


def _dealt(labels: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """The part (N,) of every image: each class is shuffled and dealt out, one class going on where the one before stopped."""
    part, dealt = np.empty(len(labels), np.int64), 0
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        part[members] = (dealt + np.arange(len(members))) % count
        dealt += len(members)
    return part


def folds_of(labels: Sequence[int], count: int, seed: int) -> list[Fold]:
    """`count` parts, each with its share of every class, tested in turn while the others are learned from."""
    part = _dealt(np.asarray(labels), count, np.random.default_rng(seed))
    return [Fold(np.flatnonzero(part != number), np.flatnonzero(part == number)) for number in range(count)]


def split_of(labels: Sequence[int], share: float, seed: int) -> Fold:
    """One split: the given share of every class, at least one image of it, is tested and the rest learned from."""
    values, random = np.asarray(labels), np.random.default_rng(seed)
    test = np.zeros(len(values), bool)
    for label in np.unique(values):
        members = random.permutation(np.flatnonzero(values == label))
        test[members[: max(1, round(share * len(members)))]] = True
    return Fold(np.flatnonzero(~test), np.flatnonzero(test))
