from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.rnn.dataset.closing_times import latest_bars
from core.rnn.dataset.series import series_of
from core.rnn.dataset.target import target_of
from core.rnn.prices.bar_sizes import BarSize
from core.rnn.prices.calendars import closes
from core.rnn.prices.prices import Prices
from core.rnn.prices.weeks import weekly

WEEKDAYS = np.busday_offset("2016-01-04", np.arange(1200)).astype("datetime64[D]")


def daily(calendar: str, moves: np.ndarray, days: np.ndarray = WEEKDAYS, source: str = "yahoo") -> Prices:
    close = 100 * np.exp(0.01 * np.cumsum(moves))
    return Prices(symbol=calendar or "FILE", source=source, calendar=calendar, dates=days, close=close)


def in_a_day(calendar: str, zone: str, opens: time, bars: int, moves: np.ndarray, size: BarSize = "1h") -> Prices:
    """Bars of an hour from the opening of every weekday on."""
    minutes = {"1h": 60, "30m": 30, "15m": 15, "5m": 5}[str(size)]
    begins = [
        datetime.combine(day, opens, ZoneInfo(zone)) + timedelta(minutes=minutes * bar)
        for day in WEEKDAYS[: len(moves) // bars].tolist()
        for bar in range(bars)
    ]
    return Prices(
        symbol=calendar,
        source="yahoo",
        calendar=calendar,
        zone=zone,
        bar_size=size,
        dates=np.array([begin.date() for begin in begins], "datetime64[D]"),
        times=np.array([int(begin.timestamp()) for begin in begins]),
        close=100 * np.exp(0.001 * np.cumsum(moves[: len(begins)])),
    )


def utc(text: str) -> np.datetime64:
    return np.datetime64(text, "s")


def share_explained(prices: Prices, beside: Prices) -> float:
    """R² of the next return by what is read of the other ticker at the close before it."""
    series = series_of(prices, target_of(), ("ticker",), beside)
    return float(np.corrcoef(series.extras[:-1, 0], series.returns[1:])[0, 1] ** 2)


def later(moves: np.ndarray, bars: int = 1) -> np.ndarray:
    """The same moves some bars later: who reads the others in time knows the next move."""
    return np.concatenate([np.random.default_rng(9).standard_normal(bars), moves[:-bars]])


MOVES = np.random.default_rng(0).standard_normal(len(WEEKDAYS))


@pytest.mark.parametrize(
    ("calendar", "day", "close"),
    [
        ("XNYS", "2022-01-14", "2022-01-14T21:00"),
        ("XNYS", "2022-07-15", "2022-07-15T20:00"),  # summer time
        ("XNYS", "2022-11-25", "2022-11-25T18:00"),  # the day after Thanksgiving closes at one
        ("XTKS", "2022-01-14", "2022-01-14T06:00"),
        ("XTKS", "2024-11-06", "2024-11-06T06:30"),  # half an hour longer since 5 Nov 2024
        ("XLON", "2022-12-23", "2022-12-23T12:30"),
        ("XNYS", "2022-12-26", "2022-12-26T21:00"),  # a price on a holiday: as on other days
        ("every day", "2022-01-14", "2022-01-15T00:00"),
    ],
)
def test_a_day_ends_with_the_session_of_its_exchange(calendar: str, day: str, close: str) -> None:
    assert closes(daily(calendar, np.zeros(1), np.array([day], "datetime64[D]")))[0] == utc(close)


def test_a_close_is_that_of_the_time_zone_on_every_day() -> None:
    for calendar, zone, at in (("XETR", "Europe/Berlin", time(17, 30)), ("XNYS", "America/New_York", time(16))):
        local = [datetime.combine(day, at, ZoneInfo(zone)).timestamp() for day in WEEKDAYS.tolist()]
        ends = closes(daily(calendar, MOVES)).astype(np.int64)
        early = ends != np.array(local, np.int64)
        assert (ends[early] < np.array(local, np.int64)[early]).all()
        assert early.mean() < 0.02


def test_a_week_ends_with_its_last_session() -> None:
    ends = closes(weekly(daily("XNYS", MOVES)))
    assert utc("2016-01-08T21:00") in ends
    assert utc("2016-11-25T18:00") in ends


def test_a_bar_inside_a_day_ends_after_its_minutes_or_with_the_session() -> None:
    ends = closes(in_a_day("XNYS", "America/New_York", time(9, 30), 7, np.zeros(7 * 10)))
    assert ends[0] == utc("2016-01-04T15:30")
    assert ends[6] == utc("2016-01-04T21:00")  # the last bar has half an hour
    assert closes(in_a_day("XETR", "Europe/Berlin", time(9), 9, np.zeros(9), "30m"))[0] == utc("2016-01-04T08:30")


@pytest.mark.parametrize(("calendar", "source"), [("", "csv"), ("QQQ", "yahoo"), ("weekdays", "yahoo"), ("CMES", "yahoo")])
def test_without_a_calendar_of_the_exchange_the_close_is_unknown(calendar: str, source: str) -> None:
    assert np.isnat(closes(daily(calendar, MOVES, source=source))).all()


def test_a_file_without_prices_on_new_yorks_holidays_may_still_be_of_another_city() -> None:
    sessions = WEEKDAYS[np.isin(WEEKDAYS, np.array(["2016-01-18", "2016-02-15"], "datetime64[D]"), invert=True)]
    assert np.isnat(closes(daily("", MOVES[: len(sessions)], sessions, "csv"))).all()


def test_before_a_calendar_begins_the_close_is_unknown_and_after_it_is_not() -> None:
    days = np.busday_offset("1996-12-02", np.arange(60)).astype("datetime64[D]")
    unknown = np.isnat(closes(daily("XTKS", np.zeros(60), days)))
    assert unknown.tolist() == (days < np.datetime64("1997-01-01")).tolist()


@pytest.mark.parametrize(
    ("ours", "theirs", "source"),
    [
        ("XTKS", "XNYS", "yahoo"),  # Tokyo beside New York
        ("XTKS", "XLON", "yahoo"),  # Tokyo beside London
        ("XETR", "XNYS", "yahoo"),
        ("XNYS", "every day", "yahoo"),
        ("XLON", "QQQ", "yahoo"),  # a market without a calendar
        ("weekdays", "weekdays", "yahoo"),
        ("", "", "csv"),  # two columns of one file
        ("", "XNYS", "csv"),
    ],
)
def test_a_ticker_that_copies_one_that_closes_later_cannot_be_forecast_by_it(ours: str, theirs: str, source: str) -> None:
    copied, copying = daily(theirs, MOVES, source=source), daily(ours, later(MOVES), source=source)
    assert share_explained(copying, _with_a_day_before(copied)) < 0.01


@pytest.mark.parametrize(("ours", "theirs"), [("XNYS", "XTKS"), ("XLON", "XTKS"), ("XNYS", "XETR"), ("XNYS", "XNYS")])
def test_a_ticker_that_copies_one_that_has_closed_is_forecast_by_it(ours: str, theirs: str) -> None:
    copied, copying = daily(theirs, MOVES), daily(ours, later(MOVES))
    assert share_explained(copying, copied) > 0.8


def test_where_a_close_is_unknown_the_day_before_is_read() -> None:
    two_days_later = daily("", later(MOVES, 2), source="csv")
    assert share_explained(two_days_later, _with_a_day_before(daily("", MOVES, source="csv"))) > 0.8


def test_berlin_by_the_hour_reads_only_the_hours_of_new_york_that_are_over() -> None:
    """At 16:00 by Berlin's clock New York's hour from 10:00 on by its own clock has not ended: it would be 17:00."""
    berlin = in_a_day("XETR", "Europe/Berlin", time(9), 9, np.random.default_rng(1).standard_normal(9 * 300))
    new_york = in_a_day("XNYS", "America/New_York", time(9, 30), 7, np.random.default_rng(2).standard_normal(7 * 300))
    latest = latest_bars(berlin, new_york)
    assert (closes(new_york)[latest[latest >= 0]] <= closes(berlin)[latest >= 0]).all()
    assert (closes(new_york)[latest + 1] > closes(berlin)).all()
    by_clock = np.searchsorted(new_york.moments, berlin.moments, "right") - 1
    assert (closes(new_york)[by_clock] > closes(berlin)).mean() > 0.5  # what was read before: not over yet


def test_a_berlin_hour_that_repeats_a_later_hour_of_new_york_has_no_skill() -> None:
    rng = np.random.default_rng(3)
    new_york = in_a_day("XNYS", "America/New_York", time(9, 30), 7, rng.standard_normal(7 * 200))
    berlin = in_a_day("XETR", "Europe/Berlin", time(9), 9, rng.standard_normal(9 * 200))
    clock = np.searchsorted(new_york.moments, berlin.moments, "right") - 1  # by the clocks of both cities: hours too late
    own = np.diff(np.log(new_york.close), prepend=np.log(100.0))
    leaking = np.concatenate(
        [rng.standard_normal(1), 1000 * own[np.maximum(clock[:-1], 0)] * (np.diff(clock, prepend=-1) > 0)[:-1]]
    )
    copying = berlin.model_copy(update={"close": 100 * np.exp(0.001 * np.cumsum(leaking))})
    days = slice(9, None)
    update = {name: getattr(copying, name)[days] for name in ("dates", "times", "close")}
    assert share_explained(copying.model_copy(update=update), new_york) < 0.02


def test_rows_of_a_month_are_read_when_the_next_has_begun() -> None:
    months = np.arange("2010-01", "2020-01", dtype="datetime64[M]").astype("datetime64[D]")
    file = daily("", MOVES[: len(months)], months, "csv")
    latest = latest_bars(daily("XNYS", MOVES), file)
    assert file.days[latest[np.searchsorted(WEEKDAYS, np.datetime64("2016-03-15"))]] == np.datetime64("2016-02-01")
    series_of(file, target_of(), ("ticker",), _with_a_day_before(file, 31))  # a month is not too old beside months


def test_a_close_that_is_too_old_is_refused() -> None:
    gone = daily("XNYS", MOVES).between(None, WEEKDAYS[600].item())
    with pytest.raises(InvalidRequest, match=r"XNYS has no price near 59\d of the 1,200 days of XLON"):
        series_of(daily("XLON", MOVES), target_of(), ("ticker",), _with_a_day_before(gone))


def _with_a_day_before(prices: Prices, days: int = 3) -> Prices:
    """With a close before the first one, so that the first day has one to look back to."""
    dates, close = np.append(prices.dates[0] - days, prices.dates), np.append(100.0, prices.close)
    return prices.model_copy(update={"dates": dates, "close": close})
