"""The losses of a panel's models by day and ticker, and the tests over them.

A day's errors move together over the tickers, so the test takes the mean over the tickers of each day's loss difference as one
number and applies Diebold and Mariano's to these days. Losses are in units of each ticker's training days, so that no wild
ticker dominates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from core.rnn.dataset.target import Target
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS, LossFunction, Scored
from core.rnn.evaluation.significance import ALPHA, DieboldMariano, PanelTest, diebold_mariano, panel_test

SMALLEST = 0.05  # units: QLIKE takes a smaller forecast as this


@dataclass(frozen=True)
class Outcomes:
    """What happened on D days to N tickers, NaN where one does not trade."""

    target: Target
    actual: np.ndarray  # (D, N)
    returns: np.ndarray  # (D, N)
    units: np.ndarray  # (N,) mean size of the training days
    sigmas: np.ndarray  # (N,) standard deviation of a return whose forecast size is 1

    def rows(self, chosen: np.ndarray | slice) -> Outcomes:
        """Some of the days."""
        return Outcomes(self.target, self.actual[chosen], self.returns[chosen], self.units, self.sigmas)


@dataclass(frozen=True)
class Comparison:
    """One model against another, over all tickers."""

    skill: float
    over: PanelTest

    @property
    def test(self) -> DieboldMariano:
        return self.over.test


@dataclass(frozen=True, eq=False)
class PanelLosses:
    """The losses of models over the same days and tickers, by one loss function."""

    outcomes: Outcomes
    points: Mapping[str, np.ndarray]  # model -> (D, N)
    loss: LossFunction
    _matrices: dict[str, np.ndarray] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def leading(cls, outcomes: Outcomes, points: Mapping[str, np.ndarray]) -> PanelLosses:
        """By the loss that the target is judged by first."""
        return cls(outcomes, points, LOSS_FUNCTIONS[outcomes.target.scores[0]])

    def __getitem__(self, model: str) -> np.ndarray:
        """The losses of a model, (D, N)."""
        if model not in self._matrices:
            self._matrices[model] = self.of(self.points[model])
        return self._matrices[model]

    def of(self, points: np.ndarray) -> np.ndarray:
        """The losses of forecasts (D, N)."""
        return losses_of(self.outcomes, points, self.loss)

    def mean(self, model: str) -> float:
        """The mean over days and tickers."""
        return float(np.nanmean(self[model]))

    def skill(self, model: str, reference: str) -> float:
        return self.loss.skill(self.mean(model), self.mean(reference))

    def compare(self, model: str, reference: str) -> Comparison:
        """A model against another: skill, the test over days, and on how many tickers it is better."""
        return Comparison(self.skill(model, reference), panel_test(self[model], self[reference]))

    def relative(self, difference: float, reference: str) -> float:
        """A mean loss difference as the skill that it is."""
        return self.loss.skill(self.mean(reference) - difference, self.mean(reference))

    def compare_on(self, ticker: int, model: str, reference: str) -> tuple[float, DieboldMariano]:
        """Skill and test on one ticker."""
        mine, other = (self[name][:, ticker] for name in (model, reference))
        there = np.isfinite(mine)
        mine, other = mine[there], other[there]
        return self.loss.skill(float(mine.mean()), float(other.mean())), diebold_mariano(mine, other)


def losses_of(outcomes: Outcomes, points: np.ndarray, loss: LossFunction) -> np.ndarray:
    """The losses (D, N) of forecasts (D, N), in units of the training days where the target has a unit."""
    units = outcomes.units if outcomes.target.in_levels else np.ones(len(outcomes.units))
    shape = outcomes.actual.shape
    scored = Scored(
        actual=outcomes.actual / units,
        forecast=points / units,
        variance=(outcomes.returns / outcomes.units) ** 2,
        sigma=np.broadcast_to(outcomes.sigmas, shape),  # type: ignore[arg-type]
        smallest=SMALLEST,
    )
    return loss.of(scored)


def holm_better(p: float, skill: float) -> bool:
    """Whether a corrected p says that a model is better."""
    return bool(p < ALPHA and skill > 0)


class Choice:
    """The models with the lowest leading loss on the validation days, among some."""

    def __init__(self, losses: PanelLosses) -> None:
        self.losses = losses

    @cached_property
    def means(self) -> dict[str, float]:
        return {model: self.losses.mean(model) for model in self.losses.points}

    def best(self, models: list[str]) -> str:
        """The first of those with the lowest loss; empty where there is no model."""
        return min(models, key=lambda model: self.means[model]) if models else ""
