from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pandas as pd
import pytest

from core.rnn.backtest import Contestant, backtest, forecast_table
from core.rnn.baselines import Classical
from core.rnn.windows import Splits
from core.runs.request import Progress
from tests.rnn.series import days_of, finish, garch, splits_of

RETURNS = garch(400)
SPLITS = splits_of(RETURNS, 100)


class Yesterday:
    """A forecaster that notes what it was shown, and expects the return of the day before."""

    def __init__(self, steps: int = 1) -> None:
        self.steps, self.seen = steps, np.empty(0)

    def fit(self, returns: np.ndarray, splits: Splits) -> Generator[Progress, None, None]:
        self.seen = returns[: splits.test_start]
        for step in range(self.steps):
            yield Progress(phase="looking", step=step, total=self.steps, numbers={"loss": 1.0})

    def forecast(self, returns: np.ndarray, first: int) -> np.ndarray:
        return returns[first - 1 : -1]


def contestants() -> list[Contestant]:
    walk = Contestant("random-walk", 0, "random walk", Classical("random-walk", "return"))
    return [walk, *(Contestant("gru", seed, f"GRU, seed {seed + 1} of 2", Yesterday(4)) for seed in range(2))]


def table() -> pd.DataFrame:
    done = finish(backtest(contestants(), RETURNS, SPLITS))
    return forecast_table(done, "return", RETURNS, days_of(RETURNS)[1:])


def test_every_contestant_forecasts_every_test_day_once() -> None:
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


def test_seconds_are_kept_with_the_forecasts() -> None:
    done = finish(backtest(contestants(), RETURNS, SPLITS))
    assert [one.contestant.model for one in done] == ["random-walk", "gru", "gru"]
    assert all(0 <= one.seconds < 1 for one in done)


def test_progress_runs_through_the_whole_and_names_the_contestant() -> None:
    seen = list(backtest(contestants(), RETURNS, SPLITS))
    assert [progress.phase for progress in seen[:2]] == ["random walk", "GRU, seed 1 of 2"]
    assert seen[-1].phase == "GRU, seed 2 of 2"
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert seen[-1].fraction == pytest.approx((2 + 3 / 4) / 3, abs=0.01)
    assert seen[-1].numbers == {"loss": 1.0}
