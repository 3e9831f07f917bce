"""How sure the numbers of table 1 are: where the spread of a cell comes from, and whether two cells differ.

Everything comes from errors (networks, draws, digits) of 0 and 1. Distortions are drawn for every digit apart, so what a draw
changes is a part of the digit's own error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    """Standard deviations of an error rate, 0 to 1, by what is drawn anew, the others held; NaN where there is only one.

    `networks`: another training, tested on all digits there are. `draws`: other distortions of the same 10,000 digits, once.
    `digits`: other 10,000 digits. `se`: the standard error of the mean of the cell, by all of them and their interactions.
    """

    networks: float
    draws: float
    digits: float
    se: float


def _root(variance: float) -> float:
    return math.sqrt(max(variance, 0.0))  # in this order NaN stays NaN


def mean_squares(errors: np.ndarray) -> dict[str, float]:
    """Mean squares of errors (networks, draws, digits): networks × digits, with draws nested in digits."""
    networks, draws, digits = errors.shape
    mean, by_network, by_digit = errors.mean(), errors.mean((1, 2)), errors.mean((0, 1))
    by_both, by_drawn = errors.mean(1), errors.mean(0)  # (networks, digits), (draws, digits)
    squares = {
        "network": draws * digits * np.square(by_network - mean).sum(),
        "digit": networks * draws * np.square(by_digit - mean).sum(),
        "draw": networks * np.square(by_drawn - by_digit).sum(),
        "network:digit": draws * np.square(by_both - by_network[:, None] - by_digit + mean).sum(),
        "rest": np.square(errors - by_both[:, None] - by_drawn + by_digit).sum(),
    }
    freedom = {
        "network": networks - 1,
        "digit": digits - 1,
        "draw": digits * (draws - 1),
        "network:digit": (networks - 1) * (digits - 1),
        "rest": digits * (networks - 1) * (draws - 1),
    }
    return {name: float(square / freedom[name]) if freedom[name] else math.nan for name, square in squares.items()}


def spread_of(errors: np.ndarray) -> Spread:
    """Variance components by the method of moments (Searle, Casella & McCulloch 1992, chapter 4); negative ones count as 0."""
    networks, draws, digits = errors.shape
    ms = mean_squares(errors)
    if networks == 1 or draws == 1:
        alone = errors.mean(0)  # (draws, digits), of one network or of their mean
        within = mean_squares(alone[None])["draw"] if draws > 1 else math.nan
        between = alone.mean(0).var(ddof=1)
        by_digit = between - within / draws if draws > 1 else between
        by_network = errors.mean((1, 2)).std(ddof=1) if networks > 1 else math.nan
        own = by_network**2 / networks if networks > 1 else 0.0
        return Spread(by_network, _root(within / digits), _root(by_digit / digits), _root(own + between / digits))
    network = (ms["network"] - ms["network:digit"]) / (draws * digits)
    digit = (ms["digit"] - ms["draw"] - ms["network:digit"] + ms["rest"]) / (networks * draws)
    draw = (ms["draw"] - ms["rest"]) / networks
    mean = (ms["network"] + ms["digit"] - ms["network:digit"]) / errors.size  # the variance of the mean, whatever its parts
    return Spread(_root(network), _root(draw / digits), _root(digit / digits), _root(mean))


def mcnemar(first_only: int, second_only: int) -> float:
    """The two-sided mid-p value of McNemar's exact test from how many digits only the one, only the other network misread."""
    count, fewer = first_only + second_only, min(first_only, second_only)
    tail = sum(math.comb(count, k) for k in range(fewer + 1))
    return (2 * tail - math.comb(count, fewer)) / 2**count


@dataclass(frozen=True)
class Paired:
    """Two rows of one set, digit by digit. Negative differences: the first errs less."""

    difference: float  # of the errors, 0 to 1
    by_digits: float  # its standard error over digits: those of one digit are one observation (Obuchowski 1998)
    by_networks: float  # its standard error over trainings; NaN with one of a side
    p: float  # two-sided, of the difference by digits, for these networks
    only_first: tuple[int, ...]  # by pair of networks of equal seeds, first draw: digits that only the first misreads
    only_second: tuple[int, ...]

    @property
    def mid_p(self) -> tuple[float, ...]:
        """McNemar's mid-p value of each pair of networks."""
        return tuple(mcnemar(first, second) for first, second in zip(self.only_first, self.only_second, strict=True))


def paired(first: np.ndarray, second: np.ndarray) -> Paired:
    """Errors (networks, draws, digits) of two rows on the same distortions; networks in the order of their seeds."""
    gap = first.mean((0, 1)) - second.mean((0, 1))  # (digits,)
    difference, se = float(gap.mean()), float(gap.std(ddof=1) / math.sqrt(len(gap)))
    p = math.erfc(abs(difference) / se / math.sqrt(2)) if se else 1.0
    own = [side.mean((1, 2)).var(ddof=1) / len(side) if len(side) > 1 else math.nan for side in (first, second)]
    pairs = list(zip(first[:, 0] > 0, second[:, 0] > 0, strict=False))
    only_first, only_second = (
        tuple(int((one & ~other).sum()) for one, other in way) for way in (pairs, [p[::-1] for p in pairs])
    )
    return Paired(difference, se, math.sqrt(sum(own)), p, only_first, only_second)
