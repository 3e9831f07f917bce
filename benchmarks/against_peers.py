"""Our LSTM against those of neuralforecast and darts, all at their defaults: one ticker, the same days and loss, one thread.

The peers need other versions, so they live in an environment of their own, and this runs by name only:

    python -m venv PEERS && PEERS/bin/pip install -r benchmarks/peers-requirements.txt
    GRIDCAST_PEERS=PEERS/bin/python python -m benchmarks against_peers

Seconds are the processor's, of one thread, so that other work on the machine counts little: a peer's of its fit alone, ours
of fit and forecasts. Errors are of one-day forecasts of the validation days, by the loss that the peer trains with: absolute
(neuralforecast), squared (darts). Our networks stop and choose by the validation days, the peers do not use them; so the
errors on the test days, which nobody saw, are told beside them.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peer import step_ms
from core.rnn.dataset.series import Series, series_of
from core.rnn.dataset.splits import training_days
from core.rnn.dataset.target import LossName, target_of
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.learning import Recipe
from core.rnn.networks.network import Network
from core.rnn.prices.samples import fetch
from core.training import warm_up

TICKER, DAYS, TEST, SEEDS = "AAPL", 3000, 500, 5
WINDOW, HIDDEN, BATCH = 60, 32, 32  # of the equal architecture: one LSTM layer, windows of 60 days
LOSSES: dict[str, LossName] = {"neuralforecast": "absolute", "darts": "squared"}


def measure() -> dict[str, Any]:
    python = os.environ.get("GRIDCAST_PEERS")
    if not python:
        raise SystemExit("GRIDCAST_PEERS does not name the Python of an environment with benchmarks/peers-requirements.txt")
    import torch

    torch.set_num_threads(1)
    warm_up()
    series = _last_days(series_of(fetch(TICKER), target_of("volatility")))
    return {name: _against(name, python, series) for name in LOSSES}


def _last_days(series: Series) -> Series:
    days = slice(-DAYS, None)
    cut = {name: getattr(series, name)[days] for name in ("days", "returns", "values", "sizes", "extras")}
    return replace(series, **cut)


def _against(name: str, python: str, series: Series) -> dict[str, Any]:
    train, values = training_days(DAYS - TEST), np.asarray(series.values)
    task = {"values": values.tolist(), "train": train, "window": WINDOW, "hidden": HIDDEN, "batch": BATCH}
    file = Path(__file__).with_name("peer.py")
    peer = subprocess.run(
        [python, "-P", str(file), name], input=json.dumps(task), capture_output=True, text=True, cwd="/", check=True
    )
    theirs = json.loads(peer.stdout.splitlines()[-1])
    loss = _judge(LOSSES[name])
    ours = [_ours(series, train, LOSSES[name], seed) for seed in range(SEEDS)]
    step = step_ms(lambda _, steps: _fit_windows(series, train, LOSSES[name], steps), task)
    split = DAYS - TEST - train
    peer_errors = loss(np.array(theirs["forecasts"]) - values[train:])
    errors = [loss(told - values[train:]) for told, _ in ours]
    return {
        "loss": LOSSES[name],
        "their_fit_s": theirs["fit_s"],
        "our_fit_and_forecast_s": statistics.median(seconds for _, seconds in ours),
        "times_faster": theirs["fit_s"] / statistics.median(seconds for _, seconds in ours),
        "their_validation": float(peer_errors[:split].mean()),
        "our_validation": [float(error[:split].mean()) for error in errors],
        "their_test": float(peer_errors[split:].mean()),
        "our_test": [float(error[split:].mean()) for error in errors],
        "their_step_ms": theirs["step_ms"],
        "our_step_ms": step,
    }


def _judge(loss: LossName) -> Callable[[np.ndarray], np.ndarray]:
    """Errors (N,) in percent a day, to losses (N,)."""
    return (lambda errors: np.abs(100 * errors)) if loss == "absolute" else (lambda errors: np.square(100 * errors))


def _ours(series: Series, train: int, loss: LossName, seed: int) -> tuple[np.ndarray, float]:
    """Forecasts of every day from `train` on, and the seconds of fitting and forecasting."""
    began = time.process_time()
    network = Network(Architecture("lstm", series.target, loss=loss), seed)
    for _ in network.fit(series.until(DAYS - TEST), train):
        pass
    told = network.forecast(series, train)[:-1, 0]
    return told, time.process_time() - began


def _fit_windows(series: Series, train: int, loss: LossName, steps: int) -> None:
    """One LSTM layer on windows, as the peers have it, with nothing but steps."""
    recipe = Recipe(steps, average=0, check_every=0, patience=0, window=WINDOW, batch=BATCH)
    network = Network(Architecture("lstm", series.target, "many-to-one", hidden=HIDDEN, loss=loss), 0, recipe)
    for _ in network.fit(series.until(DAYS - TEST), train):
        pass
