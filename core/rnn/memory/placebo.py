"""The placebo: the same network trained on the same days in shuffled order, and the test of "more than chance" that it makes.

The days before the last fit are drawn in another order, a day with its return, size and further inputs as a whole; the days
after it stay. Network, seed, split and training are the same. Placebos are connected to the days before, too: a training fits
some noise, and the running level in whose units a network forecasts is a memory of its own. So the size of the connectivity
cannot tell what the order has taught; what it is worth on days that were never learned from can. The statistic, fixed before,
is the `agreement` of forecasts and actual values on the test days. Unlike a loss it does not reward small forecasts, and unlike
a correlation it tells a forecast that moves from one that hardly does.

If the order of the days says nothing, the true order is one of many that could have been, so its statistic is larger than those
of all m placebos with probability 1 / (m + 1), whatever the distribution: a permutation test, exact for every m. Several
variants are tested against the largest of their statistics (Westfall & Young 1993), so that, where none remembers anything, one
of them is called more than chance in at most a share `ALPHA` of all runs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.rnn.dataset.series import Series

PLACEBOS = 49  # so many that the smallest p is ALPHA
ALPHA = 0.02  # of the test, over all variants of a run together


def shuffled(series: Series, end: int, seed: int) -> Series:
    """The series with its first `end` days in another order; dates stay where they are."""
    order = np.arange(len(series))
    order[:end] = np.random.default_rng(seed).permutation(end)
    return replace(
        series,
        returns=series.returns[order],
        values=np.asarray(series.values)[order],
        sizes=series.sizes[order],
        extras=series.extras[order],
        another_future=None,
    )


def agreement(forecast: np.ndarray, actual: np.ndarray) -> float:
    """The slope of forecasts (N,) on actual values (N,): by how much a forecast is higher for a day that is higher by 1.

    0 without skill, R² of calibrated forecasts, 1 of perfect ones; NaN where the actual values are constant.
    """
    deviation = actual - actual.mean()
    return float(deviation @ forecast / (deviation @ deviation)) if np.ptp(actual) > 0 else np.nan


def p_values(trained: np.ndarray, placebos: np.ndarray) -> np.ndarray:
    """p (V,) of the variants' statistics (V,) against those of m placebos (m, V), one-sided, corrected for V variants.

    All are standardised by the mean and deviation of the m + 1; p is the share of the m + 1 orders, the true one among them,
    whose largest statistic is at least that of the variant. Never below 1 / (m + 1).
    """
    orders = np.concatenate([trained[None], placebos])  # (m + 1, V)
    spread = orders.std(axis=0)
    standard = (orders - orders.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return (standard.max(axis=1)[:, None] >= standard[0]).mean(axis=0)
