"""The losses of a comparison by model and origin, and the tests on them, each computed once.

A model's forecast is that of its committee, the mean over its seeds: this is what is ranked and tested. What single seeds lose
is kept beside it as `by_seed`. Ranking, verdict and figures use the same `Losses`, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from core.rnn.evaluation.columns import FORECASTS
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS, LossFunction, Scored
from core.rnn.evaluation.power import detectable_gain
from core.rnn.evaluation.significance import (
    ALPHA,
    ConfidenceSet,
    DieboldMariano,
    confidence_set,
    diebold_mariano,
    superior_ability,
)
from core.rnn.models import REFERENCE

_ORIGIN = ["cutoff", "step"]


@dataclass(frozen=True, eq=False)
class Scale:
    """What losses of a size read beside forecasts, see `Scored`; `sigma` and `smallest` are fitted on the training days."""

    squares: pd.Series | None = None  # r² by day; None: no loss of the variance can be computed
    sigma: float = float("nan")
    smallest: float = 0.0


def horizon_of(forecasts: pd.DataFrame) -> int:
    """The largest step of a table of `FORECASTS`."""
    return int(forecasts["step"].max())


@dataclass(frozen=True, eq=False)
class Losses:
    """One loss of models over the same N origins, oldest first, each averaged over the H steps of its origin."""

    models: tuple[str, ...]  # in the order of the forecasts
    forecasts: pd.DataFrame  # (M, (model, seed)) by cutoff and step, M forecast days in all
    actual: np.ndarray  # (M,)
    squares: np.ndarray  # (M,) r² of the day that is forecast, NaN where it is not known
    horizon: int
    reference: str = REFERENCE
    loss: LossFunction = LOSS_FUNCTIONS["squared"]
    scale: Scale = Scale()
    _tests: dict[tuple[str, str], DieboldMariano] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(
        cls, forecasts: pd.DataFrame, reference: str = REFERENCE, loss: str = "squared", scale: Scale | None = None
    ) -> Losses:
        """The losses of a table of `FORECASTS`.

        ValueError when a forecast is not finite, when a seed left out a day or has it twice, or without the reference.
        """
        scale = scale or Scale()
        wide = FORECASTS.check(forecasts).pivot(index=_ORIGIN, columns=["model", "seed"], values="forecast")  # noqa: PD010
        if not np.isfinite(wide.to_numpy()).all():
            raise ValueError("forecasts must be finite, with every day for every model and seed")
        if reference not in wide:
            raise ValueError(f"forecasts have no {reference.replace('-', ' ')} to compare with")
        days = forecasts.drop_duplicates(_ORIGIN).set_index(_ORIGIN).loc[wide.index]
        squares = np.full(len(days), np.nan) if scale.squares is None else scale.squares.loc[days["date"]].to_numpy()
        models = tuple(str(model) for model in forecasts["model"].unique())
        horizon = horizon_of(forecasts)
        return cls(models, wide, days["actual"].to_numpy(float), squares, horizon, reference, LOSS_FUNCTIONS[loss], scale)

    def by(self, loss: str) -> Losses:
        """The same forecasts judged by another loss."""
        return self if loss == self.loss.name else replace(self, loss=LOSS_FUNCTIONS[loss])

    def scored(self, forecast: np.ndarray) -> Scored:
        """Forecasts (M,) or (M, K) as the loss functions read them."""
        actual, squares = (one.reshape((-1,) + (1,) * (forecast.ndim - 1)) for one in (self.actual, self.squares))
        return Scored(actual, forecast, squares, self.scale.sigma, self.scale.smallest)

    @cached_property
    def committee(self) -> pd.DataFrame:
        """The mean forecast of every model's seeds, (M, model)."""
        values, names = self.forecasts.to_numpy(), self.forecasts.columns.get_level_values("model")
        means = {model: values[:, names == model].mean(axis=1) for model in self.models}
        return pd.DataFrame(means, index=self.forecasts.index)

    @cached_property
    def by_step(self) -> pd.DataFrame:
        """The losses of the committees, (M, model) by cutoff and step."""
        return self._losses_of(self.committee)

    @cached_property
    def by_model(self) -> dict[str, np.ndarray]:
        """The losses of the committees by origin, (N,) each."""
        means = self.by_step.groupby(level="cutoff").mean() if self.horizon > 1 else self.by_step
        return {model: means[model].to_numpy() for model in self.models}

    @cached_property
    def by_seed(self) -> pd.DataFrame:
        """The losses of every single seed, (N, (model, seed))."""
        return self._losses_of(self.forecasts).groupby(level="cutoff").mean()

    def _losses_of(self, forecasts: pd.DataFrame) -> pd.DataFrame:
        losses = self.loss.of(self.scored(forecasts.to_numpy()))
        return pd.DataFrame(losses, index=forecasts.index, columns=forecasts.columns)

    def __getitem__(self, model: str) -> np.ndarray:
        return self.by_model[model]

    @property
    def origins(self) -> int:
        """How many origins there are."""
        return len(self.forecasts) // self.horizon

    def mean(self, model: str) -> float:
        """The mean loss over all origins."""
        return float(self[model].mean())

    def test(self, model: str, rival: str | None = None) -> DieboldMariano:
        """Diebold and Mariano's test of a model against a rival, by default the reference. Made once a pair."""
        pair = (model, rival or self.reference)
        if pair not in self._tests:
            self._tests[pair] = diebold_mariano(self[pair[0]], self[pair[1]], self.horizon)
        return self._tests[pair]

    def skill(self, model: str, rival: str | None = None) -> float:
        """How much better than the rival, by default the reference, as the loss counts skill."""
        return self.loss.skill(self.mean(model), self.mean(rival or self.reference))

    def skill_so_far(self, model: str, rival: str, counts: np.ndarray) -> np.ndarray:
        """The skill over the first so many origins, for each of the counts (P,): at the last of all it is `skill`."""
        means = [np.cumsum(self[one])[counts - 1] / counts for one in (model, rival)]
        return np.array([self.loss.skill(*pair) for pair in zip(*means, strict=True)])

    def skill_of_seeds(self, model: str) -> np.ndarray:
        """The skill of every single seed against the reference, (seeds,)."""
        means = pd.DataFrame(self.by_seed[model]).mean()
        return np.array([self.loss.skill(float(loss), self.mean(self.reference)) for loss in means])

    @cached_property
    def confidence_set(self) -> ConfidenceSet:
        """The model confidence set: the models that may be the best."""
        return confidence_set(self.by_model, self.horizon)

    @cached_property
    def superior_ability(self) -> float:
        """P value of the test that no model is better than the reference (Hansen 2005); NaN without another model."""
        return superior_ability(self.by_model, self.reference, self.horizon) if len(self.models) > 1 else float("nan")

    def detectable_skill(self, model: str, rival: str | None = None, level: float = ALPHA) -> float:
        """The smallest true skill of a model against a rival that shows in 4 of 5 cases at a two-sided level.

        No less than a forecast without noise of its own needs, see `power`: a model close to its rival has small differences,
        but hardly any skill either. NaN where no gain could show: more than that of the ideal forecast of what happened.
        """
        other = rival or self.reference
        scored, loss = self.scored(self.committee[other].to_numpy()), self.mean(other)
        gain = max(self._detectable_gains(model, other, level))
        perfect = float(self.loss.of(self.scored(self.loss.ideal(scored))).mean())
        return self.loss.skill(loss - gain, loss) if gain < loss - perfect else float("nan")

    def _detectable_gains(self, model: str, rival: str, level: float) -> tuple[float, float]:
        """The smallest mean gain by the test of these two models, and that of a forecast without noise of its own."""
        noise = self.loss.noise(self.scored(self.committee[rival].to_numpy()))
        return self.test(model, rival).detectable(level), detectable_gain(noise, self.origins, level)

    def origins_to_confirm(self, model: str, rival: str | None = None, level: float = ALPHA) -> float:
        """How many origins would show a model's measured gain on a rival in 4 of 5 cases, if it were its true one.

        By the test a detectable gain falls with the root of the origins, that of `power` with their number. NaN without a gain.
        """
        other = rival or self.reference
        gain = self.mean(other) - self.mean(model)
        if not gain > 0:
            return float("nan")
        by_test, by_power = self._detectable_gains(model, other, level)
        return self.origins * max((by_test / gain) ** 2, by_power / gain)
