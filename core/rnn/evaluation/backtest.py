"""The rolling-origin backtest: every candidate forecasts every test day from the days before the origin alone.

Models are fitted once, on the days before the test, or again after every so many test days (refits), on all days until then;
the last part of these days is the validation part. Forecasts of the validation days come from parameters that were estimated
on the training days alone, so that models can be chosen by them, and errors before the test are those of new days.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from core.checkpoints.checkpoint import clock
from core.drive import until_stopped
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import Splits, training_days
from core.rnn.dataset.target import smallest_size
from core.rnn.evaluation.causality import is_causal
from core.rnn.evaluation.columns import COMMITTEE, FORECASTS
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS, Scored
from core.rnn.forecaster import FittedForecaster, Forecaster
from core.rnn.models import GROUPS, MODELS
from core.runs.request import Progress, Wish


@dataclass(frozen=True)
class Candidate:
    """A forecaster in a comparison, of one seed; `model` is its name in tables, `phase` its name in a run's progress."""

    model: str
    seed: int
    phase: str
    forecaster: Forecaster


@dataclass(frozen=True)
class Forecasts:
    """Forecasts from N consecutive origins, float64."""

    point: np.ndarray  # (N, H)
    quantiles: np.ndarray | None  # (N, H, LEVELS) of models that state a distribution of their own

    @classmethod
    def by(cls, forecaster: FittedForecaster, series: Series, first: int) -> Forecasts:
        """A fitted forecaster's forecasts from the close before day `first` and from every later close."""
        return cls(forecaster.forecast(series, first), forecaster.quantiles(series, first))

    @classmethod
    def joined(cls, parts: Sequence[Forecasts]) -> Forecasts:
        """Parts whose origins follow each other; without quantiles where one part has none."""
        quantiles = [part.quantiles for part in parts if part.quantiles is not None]
        return cls(
            np.concatenate([part.point for part in parts]),
            np.concatenate(quantiles) if len(quantiles) == len(parts) else None,
        )

    @classmethod
    def mean(cls, seeds: Sequence[Forecasts]) -> Forecasts:
        """The mean of several forecasts from the same origins, and of their quantiles; without these where one has none."""
        quantiles = [each.quantiles for each in seeds if each.quantiles is not None]
        return cls(
            np.mean([each.point for each in seeds], axis=0),
            np.mean(quantiles, axis=0) if len(quantiles) == len(seeds) else None,
        )

    def __getitem__(self, rows: slice) -> Forecasts:
        return Forecasts(self.point[rows], None if self.quantiles is None else self.quantiles[rows])


@dataclass(frozen=True)
class Backtest:
    """The forecasts of a model and seed, or of a committee, in units of the target."""

    model: str
    seed: int  # or COMMITTEE
    before: Forecasts  # from origins in the validation days, by parameters that were not estimated on them
    test: Forecasts  # row i from the close before test day i; all H days lie in the test
    open: Forecasts  # from the last H origins, whose forecasts reach beyond the series
    causal: bool  # whether it passed `causality.is_causal`
    seconds: float


Enough = Callable[[list[Backtest]], bool]
Shown = Callable[[list[Backtest]], Mapping[str, bytes]]


def backtest(
    candidates: Sequence[Candidate],
    series: Series,
    splits: Splits,
    refit: int = 0,
    enough: Enough = bool,
    shown: Shown | None = None,
) -> Generator[Progress, Wish | None, list[Backtest]]:
    """Fit every candidate and forecast from every origin; yields the progress of the whole. `refit` in days; 0: never.

    After Wish.STOP what is being fitted is left as soon as those that are done are `enough`, and they are given. `shown` makes
    of those that are done what a screen shows of them.
    """
    began = clock()

    def overall(number: int, progress: Progress) -> Progress:
        return _overall(progress, candidates, number, clock() - began)

    def after(done: list[Backtest]) -> Progress:
        over = Progress(phase=candidates[len(done) - 1].phase, pictures=dict(shown(done)) if shown else {})
        return overall(len(done), over)

    rolling = (_roll(candidate, series, splits, refit) for candidate in candidates)
    return (yield from until_stopped(rolling, overall, enough, after))


def _roll(candidate: Candidate, series: Series, splits: Splits, refit: int) -> Generator[Progress, None, Backtest]:
    """Fit before the test, and again before every refit; forecast from every origin up to the next fit."""
    began = clock()
    forecaster, starts = candidate.forecaster, refits(series, splits, refit)
    parts: list[Forecasts] = []
    for number, start in enumerate(starts):
        for progress in forecaster.fit(series.until(start), training_days(start)):
            yield progress.model_copy(update={"step": round(1000 * (number + progress.fraction)), "total": 1000 * len(starts)})
        if not parts:
            before = _before(forecaster, series, splits)
        last = number == len(starts) - 1
        end = len(series) if last else start + refit
        part = Forecasts.by(forecaster, series.until(end), start)
        parts.append(part if last else part[: end - start])  # from the close before a refit on, the new fit forecasts
    causal = is_causal(forecaster, series, starts[-1])
    return _backtest(candidate, before, Forecasts.joined(parts), causal, began)


def refits(series: Series, splits: Splits, refit: int) -> range:
    """The days before which the models are fitted, from the first test day on."""
    return range(splits.test_start, len(series), refit or len(series))


def forecast_again(candidate: Candidate, series: Series, splits: Splits) -> Backtest:
    """The backtest of an already fitted candidate; nothing is fitted, and causality is not checked."""
    began, forecaster = clock(), candidate.forecaster
    before = _before(forecaster, series, splits)
    return _backtest(candidate, before, Forecasts.by(forecaster, series, splits.test_start), True, began)


def _before(forecaster: Forecaster, series: Series, splits: Splits) -> Forecasts:
    """Forecasts from every origin of the validation days, without those that look into the test."""
    before_test = series.until(splits.test_start)
    forecasts = Forecasts.by(forecaster.without_validation(before_test, splits.train_end), before_test, splits.train_end)
    return forecasts[: -forecasts.point.shape[1]]


def _backtest(candidate: Candidate, before: Forecasts, test: Forecasts, causal: bool, began: float) -> Backtest:
    """Split the forecasts: `test`, whose days all lie in the series, and `open`."""
    horizon = test.point.shape[1]
    seconds = clock() - began
    return Backtest(candidate.model, candidate.seed, before, test[:-horizon], test[-horizon:], causal, seconds)


def _overall(progress: Progress, candidates: Sequence[Candidate], number: int, elapsed: float) -> Progress:
    """The progress of a candidate, the `number`th from 0, as a part of the whole: in hundredths of the work of a network."""
    works = [MODELS[one.model].work for one in candidates]
    at_work = candidates[number].phase if number < len(candidates) else progress.phase
    step, total = 100 * (sum(works[:number]) + progress.fraction * sum(works[number : number + 1])), 100 * sum(works)
    left = elapsed * (total - step) / step if elapsed > 0.5 and step else None
    return progress.model_copy(update={"phase": at_work, "step": round(step), "total": round(total), "seconds_left": left})


def committees(backtests: Sequence[Backtest]) -> list[Backtest]:
    """One backtest a model: the mean forecast of its seeds, and the mean of their quantiles where all state them."""
    by_model: dict[str, list[Backtest]] = {}
    for one in backtests:
        by_model.setdefault(one.model, []).append(one)
    return [_committee(model, seeds) for model, seeds in by_model.items()]


def _committee(model: str, seeds: Sequence[Backtest]) -> Backtest:
    before, test, open = (
        Forecasts.mean(part) for part in zip(*((one.before, one.test, one.open) for one in seeds), strict=True)
    )
    causal, seconds = all(one.causal for one in seeds), sum(one.seconds for one in seeds)
    return Backtest(model, COMMITTEE, before, test, open, causal, seconds)


def validation_losses(backtests: Sequence[Backtest], series: Series, splits: Splits) -> dict[str, float]:
    """By model, the mean of the target's leading loss over the validation days, all steps ahead; of committees."""
    validation = slice(splits.train_end, splits.test_start)
    return {one.model: _mean_loss(one.before, series, splits, validation) for one in committees(backtests)}


def losses_on_test(backtests: Sequence[Backtest], series: Series, splits: Splits) -> dict[str, float]:
    """The same over the test days."""
    test = slice(splits.test_start, len(series))
    return {one.model: _mean_loss(one.test, series, splits, test) for one in committees(backtests)}


def _mean_loss(forecasts: Forecasts, series: Series, splits: Splits, days: slice) -> float:
    """Of forecasts from the close before the first of these days, and from later ones."""
    loss, smallest = LOSS_FUNCTIONS[series.target.scores[0]], smallest_size(np.asarray(series.values)[: splits.train_end])
    values, squares = np.asarray(series.values)[days], series.returns[days] ** 2
    count, horizon = forecasts.point.shape
    actual, variance = (sliding_window_view(column, horizon)[:count].ravel() for column in (values, squares))
    return float(loss.of(Scored(actual, forecasts.point.ravel(), variance, smallest=smallest)).mean())


def chosen_models(losses: Mapping[str, float], reference: str, unfit: Collection[str] = ()) -> dict[str, str]:
    """In each of `models.GROUPS` that has any, the model with the lowest of the `validation_losses`: a choice before the test.

    "all" leaves out the reference. The `unfit`, whose parameters are those of a search that did not converge, are never chosen.
    """
    chosen = {}
    for name, belongs in GROUPS.items():
        fit = [model for model in losses if model not in unfit]
        group = [model for model in fit if belongs(MODELS[model]) and (name != "all" or model != reference)]
        if group:
            chosen[name] = min(group, key=lambda model: losses[model])
    return chosen


def forecast_table(backtests: Sequence[Backtest], series: Series) -> pd.DataFrame:
    """Every forecast of the test as a row, `FORECASTS`."""
    return pd.concat([_rows(one, series) for one in backtests], ignore_index=True)


def _rows(one: Backtest, series: Series) -> pd.DataFrame:
    count, horizon = one.test.point.shape
    days = series.days.astype("datetime64[s]")
    origins = len(series) - horizon - count + np.arange(count)  # position of the last known day
    dated = origins[:, None] + np.arange(1, horizon + 1)  # (N, H), position of the day forecast
    columns = {
        "model": one.model,
        "seed": one.seed,
        "cutoff": np.repeat(days[origins], horizon),
        "step": np.tile(np.arange(1, horizon + 1), count),
        "date": days[dated].ravel(),
        "actual": np.asarray(series.values)[dated].ravel(),
        "forecast": one.test.point.ravel(),
    }
    return pd.DataFrame(columns)[list(FORECASTS.names)]
