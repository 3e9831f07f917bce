from __future__ import annotations

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.rnn.dataset.series import series_of
from core.rnn.dataset.target import GARMAN_KLASS, PARKINSON, VOLATILITY, parkinson
from core.rnn.prices import samples
from core.rnn.prices.csv_file import read_csv
from core.rnn.prices.notes import notes_of
from core.rnn.prices.prices import Prices

DAYS = np.busday_offset("2020-01-01", np.arange(400), roll="forward").astype("datetime64[D]")


def bars(**how: np.ndarray) -> Prices:
    """Bars as a file has them, of a price that wanders."""
    random = np.random.default_rng(1)
    close = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.01, len(DAYS)))), 2)
    opened = np.round(close * np.exp(random.normal(0, 0.004, len(DAYS))), 2)
    high, low = np.maximum(opened, close) + 0.5, np.minimum(opened, close) - 0.5
    columns = {"Open": opened, "High": high, "Low": low, "Close": close} | how
    rows = "".join(
        ",".join([str(day), *(f"{columns[name][at]:.2f}" for name in columns)]) + "\n" for at, day in enumerate(DAYS)
    )
    return read_csv("x.csv", f"Date,{','.join(columns)}\n{rows}".encode())


def test_the_samples_have_no_bar_that_cannot_be() -> None:
    for symbol in ("^GSPC", "^IXIC"):
        assert not any("range" in note or "copy" in note or "stale" in note for note in notes_of(samples.fetch(symbol)))


def test_a_few_bars_whose_low_is_above_their_high_are_widened_and_told() -> None:
    whole = bars()
    high, low = whole.high.copy(), whole.low.copy()
    high[100], low[100] = whole.low[100], whole.high[100]  # swapped
    low[200] = whole.high[200] + 1  # a low above the high
    prices = bars(High=high, Low=low)
    series = series_of(prices, PARKINSON)
    assert (series.values >= 0).all()
    assert series.values[99] == parkinson(whole.high, whole.low)[100]
    assert series.values[199] == pytest.approx(
        parkinson(whole.high[200] + 1, min(whole.open[200], whole.close[200], whole.high[200])), rel=1e-12
    )
    assert np.array_equal(np.delete(series.values, [99, 199]), np.delete(series_of(whole, PARKINSON).values, [99, 199]))
    told = "on 2 days, the first 20 May 2020, a price lies outside the range from low to high"
    assert any(
        note.startswith(told) and note.endswith("their ranges are widened to hold all prices") for note in notes_of(prices)
    )


def test_highs_and_lows_that_are_swapped_throughout_are_refused_for_measures_of_the_range() -> None:
    prices = bars(High=bars().low, Low=bars().high)
    sentence = (
        "on 400 days, the first 1 Jan 2020, a price lies outside the range from low to high, as if highs and lows were swapped"
    )
    assert f"{sentence}; measures of the range cannot be had" in notes_of(prices)
    for target in (PARKINSON, GARMAN_KLASS):
        with pytest.raises(InvalidRequest, match=f"X: {sentence}, so volatility by .* cannot be had; correct them"):
            series_of(prices, target)
    with pytest.raises(InvalidRequest, match="so the day's range, high to low cannot be had"):
        series_of(prices, VOLATILITY, ("range",))


def test_opens_that_are_copies_of_the_closes_are_refused_for_garman_and_klass_alone() -> None:
    opened = bars().close.copy()
    opened[::50] = bars().open[::50]
    prices = bars(Open=opened)
    assert any(note.startswith("the open equals the close on 98 % of the days that moved") for note in notes_of(prices))
    with pytest.raises(
        InvalidRequest, match=r"X: the open equals the close on 98 % .* would be biased; choose Parkinson's measure"
    ):
        series_of(prices, GARMAN_KLASS)
    assert (series_of(prices, PARKINSON).values > 0).all()


def test_a_price_that_stands_still_for_long_is_told() -> None:
    close = bars().close.copy()
    close[100:200] = close[100]
    assert f"the price stays at {close[100]:g} for 100 days, from 20 May 2020 to 6 Oct 2020: stale, or not traded" in notes_of(
        bars(Close=close, High=np.maximum(bars().high, close), Low=np.minimum(bars().low, close))
    )
