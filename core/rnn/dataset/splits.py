"""Training, validation and test days."""

from __future__ import annotations

from datetime import date

import numpy as np
from pydantic import BaseModel, ConfigDict

from core.errors import SeriesTooShort

VALIDATION = 0.2  # share of the days before the test
FEWEST_BEFORE_TEST = 250  # training and validation days: one trading year


class Span(BaseModel):
    """One part of a series: its name, its first and last day, and how many days it has."""

    model_config = ConfigDict(frozen=True)

    name: str
    first: date
    last: date
    days: int


class Splits(BaseModel):
    """Training, validation and test days, one after the other."""

    model_config = ConfigDict(frozen=True)

    train: Span
    validation: Span
    test: Span

    @property
    def spans(self) -> tuple[Span, Span, Span]:
        return self.train, self.validation, self.test

    @property
    def train_end(self) -> int:
        """Position of the first validation day in the target series."""
        return self.train.days

    @property
    def test_start(self) -> int:
        """Position of the first test day in the target series."""
        return self.train.days + self.validation.days

    @property
    def end(self) -> int:
        """Length of the target series."""
        return self.test_start + self.test.days


USUAL_START = date(2010, 1, 1)  # of a ticker's days or weeks, on screens and commands that name no first day
USUAL_TEST_DAYS, USUAL_TEST_BARS = 500, 150  # of one ticker, there; bars that are no days: weeks, minutes


def usual_test(bar: str) -> int:
    """How many bars of one ticker to score where nobody says: screen and command ask the same."""
    return USUAL_TEST_DAYS if bar == "day" else USUAL_TEST_BARS


def usual_test_days(prices: int) -> int:
    """How many days of many tickers to score where the request does not say: a quarter of the prices, 50 to 1,000.

    The skill that a test can show falls with the number of its days: of 3,000 days, 500 find a true skill of 9 % in half of the
    cases, 750 in most (docs/LOG.md).
    """
    return min(max(50, prices // 4), 1000)


def fewest_prices(test_days: int) -> int:
    """How many closes a comparison with this many test days needs."""
    return 1 + FEWEST_BEFORE_TEST + test_days


def training_days(before: int) -> int:
    """How many of the days before a test or a refit a model learns from; the rest are validation days."""
    return before - round(VALIDATION * before)


def split_days(days: np.ndarray, test_days: int) -> Splits:
    """Cut the days of a price series, datetime64[D] (T,), into training, validation and the last `test_days` for the test.

    The first day belongs to no part: it has no return. Raises SeriesTooShort.
    """
    if len(days) < fewest_prices(test_days):
        raise SeriesTooShort(
            f"{len(days):,} prices in this period; a comparison with {test_days} test days needs at least"
            f" {fewest_prices(test_days):,}: choose an earlier start or fewer test days"
        )
    before = len(days) - 1 - test_days
    return split_at(days[1:], training_days(before), before)


def split_at(days: np.ndarray, train_end: int, test_start: int) -> Splits:
    """Cut the days of a target series, datetime64 (T,), at the first validation day and the first test day."""
    cuts = (0, train_end, test_start, len(days))
    names = ("training", "validation", "test")
    spans = [_span(name, days[start:end]) for name, start, end in zip(names, cuts[:-1], cuts[1:], strict=True)]
    return Splits(train=spans[0], validation=spans[1], test=spans[2])


def _span(name: str, days: np.ndarray) -> Span:
    return Span(name=name, first=days[0].item(), last=days[-1].item(), days=len(days))
