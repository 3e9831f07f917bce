"""The uncertainty of an error rate, and whether the difference of two classifiers is more than chance.

Everything comes from the same table: what a model answered for every test image under several random distortions, (draws, N).
Distortions of one image are not independent, so an image counts once: its mean over the draws is one observation. Models are
compared on the same distortions, image by image. The variation between seeds of the training is not in these errors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.runs.standing import SURE

Z = 1.959964  # standard errors: 95 %
LEVEL = 0.05  # of the sign test
LOPSIDED = 1.5  # times the share that the largest class would have if all were equal


@dataclass(frozen=True)
class Accuracy:
    """A share of right answers with its standard error and its 95 % interval, all from 0 to 1."""

    share: float
    se: float
    low: float
    high: float

    @property
    def error(self) -> float:
        return 1 - self.share


@dataclass(frozen=True)
class Difference:
    """The error of one model less that of another, paired by image: negative where the first is better."""

    mean: float
    se: float
    images: int

    @property
    def in_errors(self) -> float:
        """How many standard errors it is from zero; 0 where there is no standard error."""
        return self.mean / self.se if self.se else 0.0

    @property
    def sure(self) -> bool:
        """Where they differ by the same on every image there is no standard error: there by the sign test."""
        return abs(self.in_errors) >= SURE if self.se else self.mean != 0 and 2.0 ** (1 - self.images) < LEVEL


def fewest_for_sure(images: int) -> int:
    """On how many of so many images one classifier has to err more often than another before that can be sure at all.

    Where they err unequally on m of n images, the difference is at most √(m (n − 1) / (n − m)) standard errors from zero: all
    in one direction and by the same amount. A property of the number of images, whatever the errors and the draws.
    """
    return math.ceil(SURE**2 * images / (images - 1 + SURE**2))


def errors_of(answers: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The mean error (N,) of every image over the draws, from answers (draws, N) and the true classes (N,)."""
    return (answers != truth).mean(axis=0)


def balanced_error(answers: np.ndarray, truth: np.ndarray) -> float:
    """The mean, over the classes, of the share of a class's images that are taken for others: 0 to 1."""
    errors = errors_of(answers, truth)
    return float(np.mean([errors[truth == label].mean() for label in np.unique(truth)]))


def largest_share(truth: np.ndarray) -> float:
    """The share, 0 to 1, of the class that most images are of."""
    return float(np.bincount(truth).max() / len(truth))


def is_lopsided(truth: np.ndarray) -> bool:
    """Whether one class has so much more than its share that an error says little: 75 % of two classes, 15 % of ten."""
    return largest_share(truth) >= LOPSIDED / len(np.unique(truth))


def _standard_error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else 0.0


def wilson(share: float, trials: float) -> tuple[float, float]:
    """The 95 % score interval of a share that was seen in so many trials (Wilson 1927)."""
    spread = Z**2 / trials
    middle = (share + spread / 2) / (1 + spread)
    reach = Z / (1 + spread) * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def accuracy(answers: np.ndarray, truth: np.ndarray) -> Accuracy:
    """Share of right answers. The standard error is that of the images' means: clustered over draws, binomial for one draw.

    The interval is Wilson's (1927), with as many trials as give this standard error and never fewer than images, so that no
    error on 20 images does not read as certainty.
    """
    errors = errors_of(answers, truth)
    share, se = 1 - float(errors.mean()), _standard_error(errors)
    images, most = len(errors), answers.size
    trials = min(most, max(images, share * (1 - share) / se**2)) if se else images
    low, high = wilson(share, trials)
    return Accuracy(share, se, low, high)


def difference(answers: np.ndarray, others: np.ndarray, truth: np.ndarray) -> Difference:
    """Paired by image: the error of `answers` less that of `others`, both (draws, N) on the same distortions."""
    paired = errors_of(answers, truth) - errors_of(others, truth)
    return Difference(float(paired.mean()), _standard_error(paired), len(paired))


def better_than_always(answers: np.ndarray, truth: np.ndarray) -> bool:
    """Whether answers (draws, N) are surely better than naming, for all of them, the class that most of the N images are of."""
    always = np.broadcast_to(np.bincount(truth).argmax(), answers.shape)
    paired = difference(answers, always, truth)
    return paired.sure and paired.mean < 0


def confusion(answers: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """How often an image of class (row) was taken for class (column): counts (classes, classes) over all draws."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (np.broadcast_to(truth, answers.shape), answers), 1)
    return counts
