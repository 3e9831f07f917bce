"""A peer at its defaults, run by the Python of its own environment: `against_peers` sends a task as JSON, figures come back.

The task: values (T,) to learn, how many of them are for training, and the origins whose next day is to be forecast.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

QUIET = {"enable_progress_bar": False, "logger": False, "enable_checkpointing": False}
Task = dict[str, Any]  # values, train, window, hidden, batch


def neuralforecast_lstm(task: Task) -> dict[str, Any]:
    """Its LSTM as it comes: two layers of 128 units, 1,000 steps, absolute error, its own robust scaler."""
    from neuralforecast import NeuralForecast
    from neuralforecast.models import LSTM

    values = np.array(task["values"])
    table = pd.DataFrame({"unique_id": "x", "ds": np.arange(len(values)), "y": values})
    forecaster = NeuralForecast([LSTM(h=1, **QUIET)], freq=1)
    began = time.process_time()
    forecaster.fit(table[: task["train"]])
    seconds = time.process_time() - began
    ahead = len(values) - task["train"]
    told = forecaster.cross_validation(table, n_windows=ahead, step_size=1, use_fitted=True, verbose=False)
    return {"fit_s": seconds, "forecasts": told["LSTM"].tolist()}


def neuralforecast_step(task: Task, steps: int) -> None:
    from neuralforecast import NeuralForecast
    from neuralforecast.models import LSTM

    model = LSTM(
        h=1, input_size=task["window"], encoder_n_layers=1, encoder_hidden_size=task["hidden"], decoder_layers=1,
        decoder_hidden_size=task["hidden"], windows_batch_size=task["batch"], max_steps=steps, **QUIET,
    )  # fmt: skip
    values = np.array(task["values"][: task["train"]])
    NeuralForecast([model], freq=1).fit(pd.DataFrame({"unique_id": "x", "ds": np.arange(len(values)), "y": values}))


def darts_lstm(task: Task) -> dict[str, Any]:
    """Its RNNModel with LSTM cells as it comes: 25 units, 100 epochs, batches of 32, squared error; scaled as in its guide."""
    from darts import TimeSeries
    from darts.dataprocessing.transformers import Scaler
    from darts.models import RNNModel

    values = TimeSeries.from_values(np.array(task["values"], dtype=np.float32))
    scaler = Scaler()
    training = scaler.fit_transform(values[: task["train"]])
    model = RNNModel(input_chunk_length=12, model="LSTM", pl_trainer_kwargs=QUIET)
    began = time.process_time()
    model.fit(training)
    seconds = time.process_time() - began
    told = model.historical_forecasts(scaler.transform(values), start=task["train"], retrain=False, verbose=False)
    return {"fit_s": seconds, "forecasts": scaler.inverse_transform(told).values().ravel().tolist()}


def darts_step(task: Task, steps: int) -> None:
    from darts import TimeSeries
    from darts.models import BlockRNNModel

    window, batch = task["window"], task["batch"]
    values = TimeSeries.from_values(np.array(task["values"][: batch * 10 + window], dtype=np.float32))  # 10 steps an epoch
    model = BlockRNNModel(
        window, 1, model="LSTM", hidden_dim=task["hidden"], batch_size=batch, n_epochs=steps // 10, pl_trainer_kwargs=QUIET
    )
    model.fit(values)


def step_ms(fit: Callable[[Task, int], None], task: Task, few: int = 50, many: int = 250) -> float:
    """Processor's milliseconds of one step: what `many` steps take longer than `few`, so that setting up does not count."""
    seconds = []
    for steps in (few, few, many):  # the first fit also warms up
        began = time.process_time()
        fit(task, steps)
        seconds.append(time.process_time() - began)
    return 1000 * (seconds[2] - seconds[1]) / (many - few)


PEERS = {"neuralforecast": (neuralforecast_lstm, neuralforecast_step), "darts": (darts_lstm, darts_step)}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    import torch

    torch.set_num_threads(1)
    defaults, step = PEERS[sys.argv[1]]
    task = json.load(sys.stdin)
    print(json.dumps(defaults(task) | {"step_ms": step_ms(step, task)}))
