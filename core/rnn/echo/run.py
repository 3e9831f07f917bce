"""How the echo runs: make the days of each lag, train every network on them, and score it on days it has not seen."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pandas as pd

from core.checkpoints.checkpoint import clock
from core.drive import until_stopped
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import training_days
from core.rnn.dataset.target import target_of
from core.rnn.echo.request import EchoRequest
from core.rnn.echo.result import CURVES, SCORES, EchoResult
from core.rnn.evaluation.significance import diebold_mariano
from core.rnn.models import TITLES
from core.runs.request import Inputs, Progress, Wish

TEST_SHARE = 4  # the test is one part of so many
SIZE = 0.01  # standard deviation of the returns
PATIENCE = 30  # validations without a gain before stopping: a network may need long before it finds the lag


def echo(days: int, lag: int, strength: float, seed: int) -> np.ndarray:
    """Returns r (days,) with r_t = a r_{t−k} + √(1 − a²) ε_t, from a start of the same variance."""
    noise = SIZE * np.random.default_rng((seed, lag)).standard_normal(days)
    returns = noise.copy()
    for day in range(lag, days):
        returns[day] = strength * returns[day - lag] + np.sqrt(1 - strength**2) * noise[day]
    return returns


def series_of(returns: np.ndarray) -> Series:
    """The returns as models read them, on days of their own."""
    days = np.datetime64("2000-01-03") + np.arange(len(returns))
    target, sizes = target_of(), np.abs(returns)
    return Series(target, days, returns, target.values_of(returns, sizes), sizes, np.empty((len(returns), 0)))


def skill_of(actual: np.ndarray, forecast: np.ndarray) -> tuple[float, float]:
    """The skill of forecasts (N,) over that of no move, and its standard error."""
    test = diebold_mariano((actual - forecast) ** 2, actual**2)
    return float(-test.difference / np.mean(actual**2)), float(test.error / np.mean(actual**2))


def check(request: EchoRequest, inputs: Inputs) -> None:
    """There is nothing to read that could be missing."""


def run(request: EchoRequest, inputs: Inputs) -> Generator[Progress, Wish | None, EchoResult]:
    """Every lag, network and seed, one after the other; stopped, the lags that are done, or else the networks that are."""
    began = clock()
    parts = [
        (lag, cell, seed)
        for lag in request.lags
        for cell in request.cells
        for seed in range(request.seed, request.seed + request.seeds)
    ]

    def overall(number: int, progress: Progress) -> Progress:
        lag, cell, _ = parts[number]
        done, elapsed = number + progress.fraction, clock() - began
        left = elapsed * (len(parts) - done) / done if elapsed > 0.5 and done else None
        phase = f"{TITLES[cell]}, echo of {lag} day{'' if lag == 1 else 's'}"
        step, total = round(100 * done), 100 * len(parts)
        return Progress(phase=phase, step=step, total=total, numbers=progress.numbers, seconds_left=left)

    trained = yield from until_stopped((_trained(request, *part) for part in parts), overall)
    of_a_lag = len(parts) // len(request.lags)
    trained = trained[: len(trained) // of_a_lag * of_a_lag or len(trained)]
    return EchoResult(
        strength=request.strength,
        possible=request.possible,
        days=request.days,
        seeds=request.seeds,
        scores_by_lag=pd.DataFrame([row for row, _ in trained], columns=list(SCORES)),
        curves=pd.concat([curve for _, curve in trained], ignore_index=True),
        planned=len(parts) if len(trained) < len(parts) else 0,
    )


def _trained(
    request: EchoRequest, lag: int, cell: str, seed: int
) -> Generator[Progress, None, tuple[tuple[int, str, int, float, float, int, float], pd.DataFrame]]:
    """A row of `SCORES`, and `CURVES` of one network."""
    from core.rnn.networks.architecture import Architecture  # here, so that `check` needs no torch
    from core.rnn.networks.network import RECIPE, Network

    series = series_of(echo(request.days, lag, request.strength, request.seed))
    first = request.days - request.days // TEST_SHARE
    chunk = replace(RECIPE, chunk=RECIPE.chunk + 2 * lag, warm_up=lag)  # days: gradients must reach back to the lag
    recipe = replace(chunk, steps=request.steps, lr=request.lr, patience=PATIENCE)
    network, began = Network(Architecture(cell, series.target, hidden=request.hidden), seed, recipe), clock()
    yield from network.fit(series.until(first), training_days(first))
    forecast, actual = network.forecast(series, first)[:-1, 0], series.returns[first:]
    skill, se = skill_of(actual, forecast)
    row = lag, cell, seed, skill, clock() - began, int(network.curve["step"].max()), se
    return row, network.curve.assign(lag=lag, model=cell, seed=seed)[list(CURVES)]
