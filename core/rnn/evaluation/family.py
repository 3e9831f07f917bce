"""The tests of several models against one rival, corrected together.

The level is shared by Holm's rule: `EXPECTED_SHARE` of it goes to the model that is expected to win by its validation days, the
rest evenly to the others. Other trials on the same ticker, whose forecasts are not at hand, are allowed for by Šidák's rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.rnn.evaluation.losses import Losses
from core.rnn.evaluation.significance import ALPHA, deflated, holm

EXPECTED_SHARE = 0.8  # of the level ALPHA, for the test of the model that is expected to win


@dataclass(frozen=True)
class Compared:
    """One model of a family against the rival."""

    model: str
    rival: str
    skill: float
    p: float  # corrected; NaN where the two made the same errors
    level: float  # of the single test: the model is better where the uncorrected p is below it, whatever the other tests give
    detectable_skill: float  # at this level; NaN where no gain could show
    origins_to_confirm: float  # that would show this skill at this level in 4 of 5 cases; NaN where it is not above 0

    @property
    def better(self) -> bool:
        """Whether the model is better by more than chance; of an undefined skill (a perfect rival) it is not."""
        return self.p < ALPHA and self.skill > 0

    @property
    def worse(self) -> bool:
        """Whether it is worse by more than chance."""
        return self.p < ALPHA and self.skill < 0


@dataclass(frozen=True, eq=False)
class Family:
    """Models against one rival; the rival itself is no test."""

    losses: Losses
    models: tuple[str, ...]
    rival: str
    expected: str = ""  # the model that was expected to win before the test; "": all have the same share of the level
    others: int = 0  # further trials on the ticker

    @property
    def raw(self) -> np.ndarray:
        """The p values before correction, (K,); NaN where nothing can be tested."""
        return np.array([self.losses.test(model, self.rival).p for model in self.models], dtype=float)

    def _shares(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Distinct p values (D,), the place of every model among them (K,), and the share of the level of each (D,).

        Models with equal forecasts (drift and mean, for instance) are one test.
        """
        distinct, places = np.unique(self.raw, return_inverse=True)
        shares, tests = np.ones(len(distinct)), int(np.isfinite(distinct).sum())
        if self.expected in self.models and tests > 1:
            place = places[self.models.index(self.expected)]
            if np.isfinite(distinct[place]):
                shares[place] = EXPECTED_SHARE / (1 - EXPECTED_SHARE) * (tests - 1)
        return distinct, places, shares

    @property
    def corrected(self) -> np.ndarray:
        """The p values (K,) by Holm's rule; with other trials no less than Šidák's for all of them."""
        distinct, places, shares = self._shares()
        p = holm(distinct, shares)
        return (np.maximum(p, deflated(distinct, self._trials(distinct))) if self.others else p)[places]

    @property
    def levels(self) -> np.ndarray:
        """At which uncorrected p each model (K,) is better, whatever the other tests give."""
        distinct, places, shares = self._shares()
        levels = ALPHA * shares / shares[np.isfinite(distinct)].sum() if np.isfinite(distinct).any() else ALPHA * shares
        return (np.minimum(levels, 1 - (1 - ALPHA) ** (1 / self._trials(distinct))) if self.others else levels)[places]

    def _trials(self, distinct: np.ndarray) -> int:
        return max(1, int(np.isfinite(distinct).sum()) + self.others)

    def rows(self) -> list[Compared]:
        """Every model against the rival, in the order given."""
        return [
            Compared(model, self.rival, self.losses.skill(model, self.rival), p, level, *self._power(model, level))
            for model, p, level in zip(self.models, self.corrected.tolist(), self.levels.tolist(), strict=True)
        ]

    def _power(self, model: str, level: float) -> tuple[float, float]:
        pair = (model, self.rival, level)
        return self.losses.detectable_skill(*pair), self.losses.origins_to_confirm(*pair)


def family(losses: Losses, models: Sequence[str], rival: str, expected: str = "", others: int = 0) -> Family:
    """The tests of these models against a rival, which is left out of them."""
    return Family(losses, tuple(model for model in models if model != rival), rival, expected, others)
