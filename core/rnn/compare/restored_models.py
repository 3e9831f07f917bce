"""The fitted models of a stored comparison, and what they forecast from the latest prices. No network is trained."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult
from core.rnn.compare.run import candidates, dataset_of
from core.rnn.dataset.series import series_of
from core.rnn.dataset.splits import split_at, training_days
from core.rnn.evaluation.backtest import Candidate, committees, forecast_again, refits
from core.rnn.evaluation.intervals import Intervals
from core.rnn.models import MODELS
from core.rnn.prices.prices import Prices
from core.runs.request import Inputs


def fitted(
    result: CompareResult, request: CompareRequest, inputs: Inputs, models: Iterable[str] | None = None
) -> list[Candidate]:
    """The models of a comparison as they were at its end, all of them by default.

    Networks come back from the weights in the result. Classical models, which have none, are fitted again on the days of the
    last fit: the same days give the same model.
    """
    data = dataset_of(request, inputs)
    last_fit = refits(data.series, data.splits, request.refit_days)[-1]
    chosen = set(result.ranking["model"] if models is None else models)
    restored = []
    for one in candidates(request, data.series):
        name = f"{one.model}/{one.seed}/"
        weights = {part.removeprefix(name): array for part, array in result.weights.items() if part.startswith(name)}
        if one.model in chosen and (weights or not MODELS[one.model].is_network):  # of a run that was stopped some are missing
            one.forecaster.restore(weights, data.series.until(last_fit))
            restored.append(one)
    return restored


def forecast_latest(models: list[Candidate], request: CompareRequest, inputs: Inputs, prices: Prices) -> pd.DataFrame:
    """`AHEAD`: what fitted models forecast from the last of these prices, which go on where those of the comparison end.

    A row a model: the committee of its seeds, which is what the comparison ranked.
    """
    data = dataset_of(request, inputs)
    last_fit = refits(data.series, data.splits, request.refit_days)[-1]
    beside = Prices.from_bytes(inputs[request.beside]) if request.beside else None
    series = series_of(prices, request.target_row, request.extras, beside)
    splits = split_at(series.days, training_days(last_fit), last_fit)  # what was fitted, and later days
    again = [forecast_again(one, series, splits) for one in models]
    return Intervals(committees(again), series, splits).ahead(prices)
