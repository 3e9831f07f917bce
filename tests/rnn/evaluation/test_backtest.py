from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pandas as pd
import pytest

from core.drive import returned
from core.rnn.classical.forecaster import Classical
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import training_days
from core.rnn.dataset.target import target_of
from core.rnn.evaluation.backtest import (
    Candidate,
    Forecasts,
    backtest,
    chosen_models,
    committees,
    forecast_again,
    forecast_table,
    refits,
    validation_losses,
)
from core.rnn.evaluation.columns import COMMITTEE
from core.rnn.forecaster import Forecaster
from core.runs.request import Progress
from tests.rnn.series import as_series, days_of, garch, splits_of

SERIES = as_series(garch(400))
RETURNS = SERIES.returns
SPLITS = splits_of(RETURNS, 100)


class Yesterday:
    """A forecaster that notes what it was shown, and expects the return of the last day on each of the next ones."""

    def __init__(self, steps: int = 1, horizon: int = 1) -> None:
        self.steps, self.horizon = steps, horizon
        self.fits: list[tuple[int, int]] = []

    def fit(self, series: Series, train_end: int) -> Generator[Progress, None, None]:
        self.fits.append((len(series), train_end))
        for step in range(self.steps):
            yield Progress(phase="looking", step=step, total=self.steps, numbers={"loss": 1.0})

    def forecast(self, series: Series, first: int) -> np.ndarray:
        return np.repeat(series.returns[first - 1 :][:, None], self.horizon, axis=1)

    def quantiles(self, series: Series, first: int) -> None:
        return None

    def without_validation(self, series: Series, train_end: int) -> Yesterday:
        return self


class Fits(Yesterday):
    """Forecasts how many days it was last fitted on."""

    def forecast(self, series: Series, first: int) -> np.ndarray:
        return np.full((len(series) - first + 1, self.horizon), float(self.fits[-1][0]))


class Clairvoyant(Yesterday):
    """Knows tomorrow."""

    def forecast(self, series: Series, first: int) -> np.ndarray:
        return np.concatenate([series.returns[first:], [0.0]])[:, None]


def candidates(horizon: int = 1) -> list[Candidate]:
    walk = Candidate("random-walk", 0, "random walk", Classical("random-walk", target_of(), horizon))
    return [walk, *(Candidate("gru", seed, f"GRU, seed {seed + 1} of 2", Yesterday(4, horizon)) for seed in range(2))]


def table(horizon: int = 1) -> pd.DataFrame:
    return forecast_table(returned(backtest(candidates(horizon), SERIES, SPLITS)), SERIES)


def test_every_candidate_forecasts_every_test_day_once() -> None:
    counts = table().groupby(["model", "seed"]).date.nunique()
    assert counts.to_dict() == {("gru", 0): 100, ("gru", 1): 100, ("random-walk", 0): 100}
    assert list(table()) == ["model", "seed", "cutoff", "step", "date", "actual", "forecast"]


def test_cutoff_is_the_trading_day_before_and_the_forecast_knows_no_more() -> None:
    rows = table()
    gru, days = rows[(rows.model == "gru") & (rows.seed == 1)], days_of(RETURNS)
    assert np.array_equal(gru.date.to_numpy("datetime64[D]"), days[-100:])
    assert np.array_equal(gru.cutoff.to_numpy("datetime64[D]"), days[-101:-1])
    assert np.array_equal(gru.forecast, RETURNS[-101:-1])  # the return of the cutoff day
    assert np.array_equal(gru.actual, RETURNS[-100:])
    assert (gru.step == 1).all()


def test_a_longer_horizon_has_a_row_a_step_and_every_step_lies_in_the_test() -> None:
    rows = table(horizon=3)
    gru, days = rows[(rows.model == "gru") & (rows.seed == 0)].reset_index(), days_of(RETURNS)
    assert len(gru) == 3 * 98
    assert gru.step.tolist() == [1, 2, 3] * 98
    for step in (1, 2, 3):
        part = gru[gru.step == step]
        assert np.array_equal(part.cutoff.to_numpy("datetime64[D]"), days[-101:-3])
        assert np.array_equal(part.date.to_numpy("datetime64[D]"), days[len(days) - 101 + step :][:98])
        assert np.array_equal(part.actual, RETURNS[len(RETURNS) - 101 + step :][:98])
        assert np.array_equal(part.forecast, RETURNS[-101:-3])


def test_origins_before_the_test_and_after_its_last_one_are_kept_apart() -> None:
    one = returned(backtest([Candidate("gru", 0, "", Yesterday(horizon=3))], SERIES, SPLITS))[0]
    assert np.array_equal(one.before.point[:, 0], RETURNS[SPLITS.train_end - 1 : SPLITS.test_start - 3])
    assert np.array_equal(one.open.point[:, 0], RETURNS[-3:])


def test_fitted_once_it_has_seen_no_test_day() -> None:
    model = Yesterday()
    returned(backtest([Candidate("gru", 0, "", model)], SERIES, SPLITS))
    assert model.fits == [(300, SPLITS.train_end)]
    assert training_days(300) == SPLITS.train_end


def test_refitted_every_forty_days_each_fit_forecasts_until_the_next() -> None:
    model = Fits()
    one = returned(backtest([Candidate("gru", 0, "", model)], SERIES, SPLITS, refit=40))[0]
    assert [days for days, _ in model.fits] == [300, 340, 380] == list(refits(SERIES, SPLITS, 40))
    assert all(train_end == training_days(days) for days, train_end in model.fits)
    assert one.test.point[:, 0].tolist() == [300.0] * 40 + [340.0] * 40 + [380.0] * 20
    assert one.open.point[:, 0].tolist() == [380.0]


def test_a_model_that_reads_tomorrow_fails_the_causality_check() -> None:
    rows = [Candidate("gru", 0, "", Yesterday()), Candidate("lstm", 0, "", Clairvoyant())]
    assert [one.causal for one in returned(backtest(rows, SERIES, SPLITS))] == [True, False]


def test_forecast_again_forecasts_the_same_without_a_fit() -> None:
    fitted = candidates()
    for candidate, one in zip(fitted, returned(backtest(fitted, SERIES, SPLITS)), strict=True):
        same = forecast_again(candidate, SERIES, SPLITS)
        assert np.array_equal(same.test.point, one.test.point)
        assert np.array_equal(same.before.point, one.before.point)
        assert np.array_equal(same.open.point, one.open.point)
    assert fitted[1].forecaster.fits == [(300, SPLITS.train_end)]  # type: ignore[attr-defined]


def naive(model: str, seed: int = 0, forecaster: Forecaster | None = None) -> Candidate:
    return Candidate(model, seed, "", forecaster or Yesterday())


def test_classical_models_forecast_the_validation_days_from_a_fit_on_the_training_days() -> None:
    """Nothing that happens on the validation days moves what is forecast for them, but for the days that have passed."""
    sizes = as_series(RETURNS, target_of("volatility"))
    wild = RETURNS.copy()
    wild[SPLITS.train_end + 20 : SPLITS.test_start] *= 5  # the last forty validation days
    for name in ("ar", "har", "ets", "garch"):
        one, other = (
            returned(backtest([naive(name, 0, Classical(name, series.target, 1))], series, SPLITS))[0]
            for series in (sizes, as_series(wild, target_of("volatility")))
        )
        assert np.array_equal(one.before.point[:21], other.before.point[:21])
        assert not np.isclose(one.test.point[:1], other.test.point[:1])  # which are fitted again with them
        alone = Classical(name, sizes.target, 1)
        alone.restore({}, sizes.until(SPLITS.train_end))
        assert np.array_equal(one.before.point, alone.forecast(sizes.until(SPLITS.test_start), SPLITS.train_end)[:-1])


def test_a_committee_forecasts_the_mean_of_its_seeds() -> None:
    done = returned(backtest([naive("ar"), naive("gru"), naive("gru", 1, Fits())], SERIES, SPLITS))
    alone, both = committees(done)
    assert (alone.model, alone.seed, both.model, both.seed) == ("ar", COMMITTEE, "gru", COMMITTEE)
    assert np.array_equal(alone.test.point, done[0].test.point)
    for part in ("before", "test", "open"):
        first, second = (getattr(one, part).point for one in done[1:])
        assert np.array_equal(getattr(both, part).point, (first + second) / 2)
    assert both.causal
    assert both.seconds == done[1].seconds + done[2].seconds


def test_a_committee_has_the_mean_quantiles_where_all_of_its_seeds_have_them() -> None:
    low, high = (Forecasts(np.full((4, 1), value), np.full((4, 1, 19), value)) for value in (1.0, 2.0))
    assert (Forecasts.mean([low, high]).quantiles == 1.5).all()
    assert Forecasts.mean([low, Forecasts(high.point, None)]).quantiles is None


def test_validation_losses_are_those_of_committees_by_the_leading_loss_of_the_target() -> None:
    sizes = as_series(RETURNS, target_of("volatility"))
    models = [naive(name, 0, Classical(name, sizes.target, 2)) for name in ("har", "mean")]
    done = returned(backtest(models, sizes, SPLITS))
    losses = validation_losses(done, sizes, SPLITS)
    for one in done:
        terms = []
        for origin in range(SPLITS.train_end, SPLITS.test_start - 1):
            for step in range(2):
                forecast, actual = one.before.point[origin - SPLITS.train_end, step], abs(RETURNS[origin + step])
                terms.append(np.log(forecast) + actual / forecast)
        assert losses[one.model] == pytest.approx(np.mean(terms), rel=1e-12)


def test_the_choice_is_the_lowest_loss_of_each_group() -> None:
    losses = {"random-walk": 5.0, "har": 1.0, "ar": 3.0, "mlp": 2.0, "gru": 4.0, "lstm": 6.0}
    assert chosen_models(losses, "har") == {"all": "mlp", "network": "gru", "classical": "har", "without-recurrence": "har"}
    assert chosen_models({"random-walk": 1.0, "har": 2.0}, "random-walk") == {
        "all": "har", "classical": "random-walk", "without-recurrence": "random-walk",
    }  # fmt: skip
    without = chosen_models(losses, "har", unfit=("mlp", "gru"))
    assert (without["all"], without["network"]) == ("ar", "lstm")
    assert chosen_models({"har": 1.0}, "har") == {"classical": "har", "without-recurrence": "har"}


def test_seconds_are_kept_with_the_forecasts() -> None:
    done = returned(backtest(candidates(), SERIES, SPLITS))
    assert [one.model for one in done] == ["random-walk", "gru", "gru"]
    assert all(0 <= one.seconds < 1 for one in done)


def test_progress_runs_through_the_whole_and_names_the_candidate() -> None:
    fits = list(backtest(candidates(), SERIES, SPLITS))
    assert [progress.phase for progress in fits[:2]] == ["random walk", "GRU, seed 1 of 2"]
    assert fits[-1].phase == "GRU, seed 2 of 2"
    fractions = [progress.fraction for progress in fits]
    assert fractions == sorted(fractions)
    assert fits[-2].fraction == pytest.approx((0.03 + 1 + 3 / 4) / 2.03, abs=0.01)  # a network is most of the work
    assert (fits[-2].numbers, fits[-1].fraction) == ({"loss": 1.0}, 1.0)
