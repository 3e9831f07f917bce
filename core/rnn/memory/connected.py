"""How far into the past networks are connected: the tables of memory that need no training, from opened networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.rnn.compare import CompareRequest, CompareResult, fitted
from core.rnn.dataset.series import Series
from core.rnn.memory.result import LINEAR, TRAINED, mean_curve
from core.runs.request import Inputs

if TYPE_CHECKING:  # they bring torch
    from core.rnn.evaluation.backtest import Candidate
    from core.rnn.networks.network import Network

QUARTILES = (0.25, 0.75)
TAUGHT = ("ar", "har")  # the linear models that are drawn beside networks


@dataclass(frozen=True)
class Connected:
    """Connectivity by lag of the networks of a comparison, and the coefficients of linear models on the same days."""

    trained: pd.DataFrame  # `TRAINED`
    linear: pd.DataFrame  # `LINEAR`

    def curve(self, model: str) -> np.ndarray:
        """The connectivity of a variant by lag, a mean over its seeds, (lags,)."""
        return mean_curve(self.trained, model)


def connected(
    networks: Mapping[tuple[str, int], Network],
    series: Series,
    result: CompareResult,
    request: CompareRequest,
    inputs: Inputs,
) -> Connected:
    """Of opened networks, by variant and seed, on the test days; beside them AR and HAR where the comparison has them."""
    from core.rnn.memory.gradients.connectivity import connectivity, origins_of

    days = origins_of(series, result.splits.test_start)
    tables = [sizes_table(*name, connectivity(network, series, days)) for name, network in networks.items()]
    linear = fitted(result, request, inputs, [name for name in TAUGHT if name in request.classical])
    return Connected(pd.concat(tables, ignore_index=True)[list(TRAINED)], weights_table(linear, series))


def sizes_table(model: str, seed: int, sizes: np.ndarray) -> pd.DataFrame:
    """`TRAINED` of one network, from its connectivity (days, lags)."""
    low, high = np.quantile(sizes, QUARTILES, axis=0)
    return by_lag(sizes.shape[1]).assign(model=model, seed=seed, size=sizes.mean(axis=0), low=low, high=high)


def weights_table(models: list[Candidate], series: Series) -> pd.DataFrame:
    """`LINEAR` of those fitted classical models that have constant weights."""
    from core.rnn.memory.gradients.linear_weights import weights_by_model

    tables = [by_lag(len(own)).assign(model=model, weight=own) for model, own in weights_by_model(models, series).items()]
    return pd.concat(tables or [pd.DataFrame(columns=list(LINEAR))], ignore_index=True)[list(LINEAR)]


def by_lag(count: int) -> pd.DataFrame:
    return pd.DataFrame({"lag": np.arange(1, count + 1)})
