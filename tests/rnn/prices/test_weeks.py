from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.errors import InvalidRequest, NoData
from core.rnn.prices.notes import caption_of, notes_of
from core.rnn.prices.weeks import WEEKS, weekly
from tests.rnn.prices.weeks import two_weeks, week


def test_a_week_opens_with_its_first_day_and_closes_with_its_last() -> None:
    bars = weekly(two_weeks())
    assert (bars.bar_size, bars.days.astype(str).tolist()) == ("1wk", ["2022-12-02", "2022-12-09"])
    assert (bars.open.tolist(), bars.close.tolist()) == ([9.0, 14.0], [14.0, 19.0])
    assert (bars.high.tolist(), bars.low.tolist()) == ([16.0, 21.0], [8.0, 13.0])
    assert bars.volume.tolist() == [600.0, 850.0]
    assert WEEKS in notes_of(bars)
    assert caption_of(bars).startswith("AAPL · weekly · ")


def test_a_week_that_is_not_over_is_left_out_and_told() -> None:
    until_thursday = weekly(two_weeks().between(end=date(2022, 12, 8)))
    assert until_thursday.close.tolist() == [14.0]
    assert notes_of(until_thursday)[-1] == "the week of 5 Dec 2022 is not over and left out"
    with pytest.raises(NoData, match="AAPL has not one whole week of prices"):
        weekly(two_weeks().between(end=date(2022, 12, 1)))


def test_a_week_whose_friday_is_a_holiday_is_over_on_thursday() -> None:
    easter = np.arange("2022-04-11", "2022-04-15", dtype="datetime64[D]")  # to Maundy Thursday
    assert len(weekly(week(dates=easter, close=[1.0, 2.0, 1.0, 2.0], calendar="XNYS")).dates) == 1
    with pytest.raises(NoData, match="not one whole week"):
        weekly(week(dates=easter, close=[1.0, 2.0, 1.0, 2.0], calendar="weekdays"))


def test_what_is_unknown_on_one_day_is_unknown_for_its_week() -> None:
    high, volume = np.arange(10.0) + 12, np.arange(10.0)
    high[3] = volume[8] = np.nan
    bars = weekly(two_weeks(high=high, volume=volume))
    assert np.isnan(bars.high).tolist() == [True, False]
    assert np.isnan(bars.volume).tolist() == [False, True]


def test_weeks_of_weeks_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="weeks are made of daily prices, and these are weekly"):
        weekly(weekly(two_weeks()))
