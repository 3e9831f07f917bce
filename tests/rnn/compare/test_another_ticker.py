"""A ticker whose every move repeats the move that another made on the same date, the day before: who may read that?"""

from __future__ import annotations

import numpy as np
import pytest

from core.rnn import CompareRequest, compare
from core.rnn.prices.prices import Prices
from tests.rnn.series import days_of, random_walk

DAYS = 700
COPIED = random_walk(DAYS, seed=1)


def prices_at(calendar: str, returns: np.ndarray, source: str = "yahoo") -> Prices:
    close = 100 * np.exp(np.append(0.0, np.cumsum(returns)))
    return Prices(symbol=f"AT-{calendar}", source=source, calendar=calendar, dates=days_of(returns), close=close)


def skill_of_readers(ours: str, theirs: str, source: str = "yahoo") -> tuple[float, float]:
    """R² out of sample of the network and of the regression that read the other ticker."""
    copying = np.append(random_walk(1, seed=2), COPIED[:-1])
    prices, beside = prices_at(ours, copying, source), prices_at(theirs, COPIED, source)
    first = beside.model_copy(
        update={"dates": np.append(beside.dates[0] - 3, beside.dates), "close": np.append(100, beside.close)}
    )
    request = CompareRequest(
        symbol=prices.symbol, source=source, prices=prices.digest, beside=first.digest, extras=("ticker",),
        cells=("gru",), seeds=1, classical=("ar",), test_days=200,
    )  # fmt: skip
    ranking = compare(request, prices, first).ranking.set_index("model")
    assert ranking.causal.all()
    return float(ranking.r2["gru"]), float(ranking.r2["ar-x"])


@pytest.mark.parametrize(
    ("ours", "theirs", "source"),
    [
        pytest.param("XTKS", "XNYS", "yahoo", id="Tokyo beside New York"),
        pytest.param("XTKS", "XLON", "yahoo", id="Tokyo beside London"),
        pytest.param("", "", "csv", id="two columns of one file"),
    ],
)
def test_who_closes_later_cannot_be_read(ours: str, theirs: str, source: str) -> None:
    assert max(skill_of_readers(ours, theirs, source)) < 0.02


@pytest.mark.parametrize(("ours", "theirs"), [("XNYS", "XTKS"), ("XNYS", "XNYS")])
def test_who_has_closed_is_read(ours: str, theirs: str) -> None:
    assert min(skill_of_readers(ours, theirs)) > 0.7
