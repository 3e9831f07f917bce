"""Reliability of forecast probabilities: how often it rose where that was forecast with a probability (Murphy & Winkler 1977).

Days are put into bins of equal count by their forecast. In each, the share of rises stands over the mean forecast; where
forecasts are reliable both are equal. The interval is Wilson's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.rnn.dataset.target import Target
from core.rnn.evaluation.evidence import wilson

BINS = 10
FEWEST = 20  # days in a bin, so that its share means something


def reliability(forecasts: pd.DataFrame, model: str, target: Target) -> pd.DataFrame:
    """The bins of a model's committee, one step ahead, lowest forecast first: forecast (mean), share, low, high, days.

    Days that neither rose nor fell are left out. Equal forecasts are in one bin: a coin has a single one.
    """
    own = forecasts[(forecasts["model"] == model) & (forecasts["step"] == 1)].groupby("date")[["actual", "forecast"]].mean()
    own = own[target.counts(own["actual"].to_numpy())].sort_values("forecast", kind="stable")
    count = min(BINS, len(own) // FEWEST) or 1
    edges = np.unique(np.quantile(own["forecast"], np.arange(1, count) / count)) if len(own) else np.empty(0)
    bins = np.searchsorted(edges, own["forecast"].to_numpy(), side="right")
    rows = []
    for _, one in own.groupby(bins):
        share, days = float(one["actual"].mean()), len(one)
        low, high = wilson(share, days)
        rows.append((float(one["forecast"].mean()), share, low, high, days))
    return pd.DataFrame(rows, columns=["forecast", "share", "low", "high", "days"])
