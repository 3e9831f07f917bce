"""Task: the labelled images of a classification, which of them are learned from and which are tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.stn.datasets.digits import Digits
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.labels import classes_of, squares
from core.stn.datasets.splits import Fold, folds_of, split_of

FEW = 200  # pictures: fewer are tested in folds, more in one split
FOLDS = 5
HELD_OUT = 0.2  # share of the pictures that one split tests


@dataclass(frozen=True)
class Task:
    """All images with their classes, and the folds."""

    data: Labelled
    classes: tuple[str, ...]
    folds: list[Fold]

    @property
    def tested(self) -> np.ndarray:
        """Indices of all images that some fold tests, in order."""
        return np.sort(np.concatenate([fold.test for fold in self.folds]))

    @property
    def truth(self) -> np.ndarray:
        return self.data.labels.numpy()[self.tested]


def _labelled(images: np.ndarray, labels: np.ndarray) -> Labelled:
    return Labelled(torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)))


def digits_task(digits: Digits) -> Task:
    """One fold: digits come with a test set of their own."""
    images = np.concatenate([digits.train.images, digits.test.images])[:, None]
    labels = np.concatenate([digits.train.labels, digits.test.labels])
    learned = len(digits.train)
    fold = Fold(np.arange(learned), np.arange(learned, len(labels)))
    return Task(_labelled(images, labels), tuple(map(str, range(10))), [fold])


def pictures_task(
    pictures: list[np.ndarray], labels: tuple[str, ...], side: int, folds: int, seed: int, tested: tuple[bool, ...] = ()
) -> Task:
    """Pictures (H, W, 3) with the class of each, as squares of `side` pixels; `folds` 0: as many as suit their number.

    Where it is given which are `tested`, that is the split.
    """
    classes = classes_of(labels)
    number = {name: index for index, name in enumerate(classes)}
    numbers = np.array([number[label] for label in labels])
    if tested:
        test = np.array(tested)
        own = Fold(np.flatnonzero(~test), np.flatnonzero(test))
        return Task(_labelled(squares(pictures, side), numbers), classes, [own])
    smallest = int(np.bincount(numbers).min())
    count = folds or (min(FOLDS, smallest) if len(numbers) < FEW else 1)
    split = folds_of(numbers.tolist(), count, seed) if count > 1 else [split_of(numbers.tolist(), HELD_OUT, seed)]
    return Task(_labelled(squares(pictures, side), numbers), classes, split)
