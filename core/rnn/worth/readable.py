"""Tables of metrics as people read them: headings with units, percent, rounded numbers, true minus signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.rnn.evaluation.metric import Metric
from core.rnn.words import p_in_words, true_minus
from core.rnn.worth.accounts import HOLD


def readable(table: pd.DataFrame, metrics: Mapping[str, Metric[Any]], named: Callable[[str], str]) -> pd.DataFrame:
    """A table of models with the metrics that have a title, formatted; results of earlier versions lack some of them."""
    shown = {metric.heading: _shown(metric, name, table) for name, metric in metrics.items() if metric.title and name in table}
    return pd.DataFrame({"Model": [named(str(model)) for model in table["model"]], **shown})


def beside_holding(performance: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The rows of `PERFORMANCE` of one rule and of buy-and-hold, which gains nothing on itself; highest Sharpe ratio first."""
    table = performance[performance["rule"].isin([rule, "hold"])].sort_values(
        "sharpe", ascending=False, kind="stable", ignore_index=True
    )
    table.loc[table["model"] == HOLD, ["gain", "gain_low", "gain_high"]] = np.nan
    return table


def _shown(metric: Metric[Any], name: str, table: pd.DataFrame) -> pd.Series | list[str]:
    if metric.unit == "p":
        return [p_in_words(p) for p in table[name].astype(float)]
    if metric.unit == "yes or no":
        return ["" if pd.isna(value) else "yes" if value else "no" for value in table[name]]
    if metric.unit == "count":
        return table[name]
    values = metric.scale * table[name].astype(float)
    if metric.interval is not None:
        lows, highs = (metric.scale * table[end].astype(float) for end in metric.interval)
        return [_with_interval(*row, metric.digits) for row in zip(values, lows, highs, strict=True)]
    if metric.sparse:
        return [number(value, metric.digits) for value in values]
    return values.round(metric.digits)


def number(value: float, digits: int) -> str:
    return "" if np.isnan(value) else true_minus(f"{value:.{digits}f}")


def _with_interval(value: float, low: float, high: float, digits: int) -> str:
    """ "52.1 (47.4 to 56.7)" """
    return "" if np.isnan(value) else true_minus(f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})")


def without_empty(table: pd.DataFrame) -> pd.DataFrame:
    """Without columns that are empty in every row."""
    return table.loc[:, [not (table[name].isna() | (table[name] == "")).all() for name in table]]
