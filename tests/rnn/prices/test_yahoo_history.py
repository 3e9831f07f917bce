from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from core.rnn.prices.notes import notes_of
from core.rnn.prices.yahoo_history import history_of
from tests.rnn.prices.histories import FRIDAY, history


def test_everything_but_volume_is_adjusted_like_the_close() -> None:
    prices = history().prices()
    assert prices.close.tolist() == [5.0, 5.0, 5.0]
    assert (prices.open[0], prices.high[0], prices.low[0], prices.volume[0]) == (5.0, 6.0, 4.0, 100.0)


def test_days_without_a_price_are_left_out_and_told() -> None:
    prices = history(**{"Adj Close": [5.0, np.nan, 6.0]}).prices()
    assert prices.close.tolist() == [5.0, 6.0]
    assert notes_of(prices)[0] == "1 day without a price at Yahoo: 8 Dec 2022"


def test_bars_without_a_range_are_closes_only() -> None:
    prices = history(High=[10.0] * 3, Low=[10.0] * 3, Volume=[0, 0, 0]).prices()
    assert not prices.has_ranges
    assert prices.volume.size == 0


def test_a_low_of_zero_is_no_low() -> None:
    assert np.isnan(history(Low=[0.0, 8.0, 8.0]).prices().low).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("fetched", "due"),
    [
        (timedelta(hours=-3), timedelta(minutes=30)),  # during the session
        (timedelta(minutes=10), timedelta(minutes=30)),  # just after it, while closes are still corrected
        (timedelta(hours=1), timedelta(days=1, minutes=30)),
        (timedelta(days=3, hours=1), timedelta(days=4, minutes=30)),  # a holiday: the latest session is days ago
    ],
)
def test_new_bars_are_due_half_an_hour_after_the_next_end_of_a_session(fetched: timedelta, due: timedelta) -> None:
    assert history(fetched_at=FRIDAY + fetched).due == FRIDAY + due


def test_yahoos_noise_does_not_change_the_digest_but_a_dividend_does() -> None:
    before = history()
    noisy = history(**{"Adj Close": [5.0000004, 5.0, 4.9999999]})
    dividend = history(**{"Adj Close": [4.99, 4.99, 5.0]})
    assert noisy.prices().digest != before.prices().digest
    assert noisy.without_noise(before).prices().digest == before.prices().digest
    assert dividend.without_noise(before).prices().close.tolist() == [4.99, 4.99, 5.0]


def test_days_that_an_answer_lacks_are_found() -> None:
    less = history(Close=[10.0, np.nan, 10.0])
    assert history().missing_in(less).astype("datetime64[D]").tolist() == [datetime(2022, 12, 8).date()]
    assert less.missing_in(history()).size == 0


@pytest.mark.parametrize(
    ("traded", "session"),
    [
        ("2022-12-09 00:01", "2022-12-09"),
        ("2022-12-09 00:01", "2022-12-08"),  # the session is still said to be that of the day before
        ("2022-12-08 23:59", "2022-12-08"),  # the last trade, too
        ("2022-12-09 23:59", "2022-12-09"),
    ],
)
def test_after_midnight_the_new_day_of_a_coin_is_not_over(traded: str, session: str) -> None:
    bars = history().bars.tz_localize("UTC")
    start = pd.Timestamp(session, tz="UTC")
    meta = {
        "exchangeTimezoneName": "UTC", "instrumentType": "CRYPTOCURRENCY", "regularMarketTime": pd.Timestamp(traded, tz="UTC"),
        "currentTradingPeriod": {"regular": {"start": start, "end": start + pd.Timedelta("23:59:59")}},
    }  # fmt: skip
    settled, _ = history_of("BTC-USD", "1d", bars, meta, FRIDAY)
    assert settled.bars.index.strftime("%Y-%m-%d").tolist() == ["2022-12-07", "2022-12-08"]
    assert settled.about.unfinished
    assert settled.about.unfinished.day.isoformat() == "2022-12-09"
