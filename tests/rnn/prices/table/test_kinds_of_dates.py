"""Dates as makers of files write them, through the reader that screens and commands use."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from core.errors import PriceError
from core.rnn.prices.calendars import periods_a_year
from core.rnn.prices.csv_file import read_csv
from core.rnn.prices.notes import all_notes, notes_of
from core.rnn.prices.prices import Prices
from core.rnn.prices.table.column import Column
from core.rnn.prices.table.dates import read_dates


def read(cells: list[str], heading: str = "Date", **options: object) -> Prices:
    rows = "".join(f'"{cell}",{100 + at % 7}\n' for at, cell in enumerate(cells))
    return read_csv("file.csv", f"{heading},Close\n{rows}".encode(), **options)  # type: ignore[arg-type]


def days(prices: Prices) -> list[str]:
    return prices.days.astype(str).tolist()


def business_days(first: str, count: int) -> pd.DatetimeIndex:
    return pd.bdate_range(first, periods=count)


WRITINGS = (
    "%Y-%m-%d", "%Y.%m.%d", "%d.%m.%y", "%d-%b-%y", "%a, %d %b %Y", "%b %d, %Y", "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S-05:00", "%Y%m%d %H%M%S", "%Y-%m-%dT00:00:00.000+0100",
)  # fmt: skip


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_day_is_the_same_however_it_is_written(writing: str) -> None:
    index = business_days("2022-01-03", 30)
    assert days(read(list(index.strftime(writing)))) == list(index.strftime("%Y-%m-%d"))


@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9])
@pytest.mark.parametrize("point", ["", ".0"])
def test_unix_times_in_any_unit_are_read_with_a_decimal_point_too(unit: int, point: str) -> None:
    index = business_days("2001-08-30", 15)  # over 9 September 2001, when seconds got a tenth digit
    seconds = index.astype("datetime64[s]").astype(np.int64)
    assert days(read([f"{second * unit}{point}" for second in seconds])) == list(index.strftime("%Y-%m-%d"))


ZONES = {
    "Asia/Tokyo": "Tokyo and Seoul",
    "America/New_York": "New York",
    "Europe/Berlin": "Paris and Frankfurt",
    "Australia/Sydney": "Sydney",
}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("as_seconds", [True, False])
def test_midnights_of_an_exchange_written_in_utc_are_its_days(zone: str, as_seconds: bool) -> None:
    index = business_days("2022-02-01", 120)  # over a change of the clocks
    utc = index.tz_localize(zone).tz_convert("UTC").tz_localize(None)
    cells = [str(second) for second in utc.astype("datetime64[s]").astype(np.int64)] if as_seconds else list(
        utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    )  # fmt: skip
    prices = read(cells)
    assert days(prices) == list(index.strftime("%Y-%m-%d"))
    assert f"all times are midnight in {ZONES[zone]} and read as the days there" in notes_of(prices)


def test_the_open_of_new_york_in_unix_seconds_is_its_day() -> None:
    index = business_days("2022-02-01", 60)
    opens = (index + pd.Timedelta("9h30min")).tz_localize("America/New_York").tz_convert("UTC").tz_localize(None)
    assert days(read([str(second) for second in opens.astype("datetime64[s]").astype(np.int64)])) == list(
        index.strftime("%Y-%m-%d")
    )


def test_a_spreadsheets_count_of_days_is_read_and_told() -> None:
    prices = read(["44564", "44565", "44566.0"])  # 3 to 5 January 2022 in any spreadsheet
    assert days(prices) == ["2022-01-03", "2022-01-04", "2022-01-05"]
    assert "dates are read as a spreadsheet's count of days" in notes_of(prices)


@pytest.mark.parametrize(
    ("cells", "last"),
    [
        (["1990-01", "1990-02", "1990-03"], ["1990-01-31", "1990-02-28", "1990-03-31"]),
        (["199001", "199002", "199003"], ["1990-01-31", "1990-02-28", "1990-03-31"]),
        (["Jan-62", "Feb-62", "Mar-62"], ["1962-01-31", "1962-02-28", "1962-03-31"]),
        (["01/1990", "02/1990", "03/1990"], ["1990-01-31", "1990-02-28", "1990-03-31"]),
        (["1990Q1", "1990Q2", "1990Q3"], ["1990-03-31", "1990-06-30", "1990-09-30"]),
    ],
)
def test_months_and_quarters_alone_are_dated_by_their_last_day(cells: list[str], last: list[str]) -> None:
    prices = read(cells)
    assert days(prices) == last
    assert any(note.startswith("every price is dated by the last day of its") for note in notes_of(prices))


def test_a_month_that_is_not_over_is_left_out() -> None:
    column = Column("Date", 0, ["2022-10", "2022-11"], [2, 3])
    assert read_dates(column, today=date(2022, 11, 29)).unfinished.tolist() == [False, True]
    assert read_dates(column, today=date(2022, 11, 30)).unfinished.tolist() == [False, False]


@pytest.mark.parametrize("first", ["1962-01-02", "1968-12-30", "2015-06-01"])
@pytest.mark.parametrize("backwards", [False, True])
def test_years_of_two_digits_lie_in_the_century_under_which_the_column_runs_one_way(first: str, backwards: bool) -> None:
    index = pd.bdate_range(first, "2021-12-30", freq="40B")
    cells = list(index.strftime("%d-%b-%y"))
    assert days(read(cells[::-1] if backwards else cells)) == list(index.strftime("%Y-%m-%d"))


def test_years_of_two_digits_before_1969_are_not_in_the_future() -> None:
    assert days(read(["2-Jan-62", "3-Jan-62", "4-Jan-62"])) == ["1962-01-02", "1962-01-03", "1962-01-04"]
    long_ago = pd.bdate_range("1915-01-04", "1962-12-28", freq="30B")
    assert days(read(list(long_ago.strftime("%d-%b-%y")))) == list(long_ago.strftime("%Y-%m-%d"))
    assert days(read(["5-Jan-62", "3-Jan-62", "4-Jan-62"])) == ["1962-01-03", "1962-01-04", "1962-01-05"]  # in no order


def test_no_price_is_of_the_future() -> None:
    tomorrow = np.datetime64("today", "D") + 1
    assert days(read([str(tomorrow - 1), str(tomorrow)])) == [str(tomorrow - 1), str(tomorrow)]  # a day has begun elsewhere
    sentence = rf"row 3, column 'Date': '{tomorrow + 1}' is after today, .*; no price of it is known: correct the date"
    with pytest.raises(PriceError, match=sentence):
        read([str(tomorrow), str(tomorrow + 1), str(tomorrow + 400)])
    with pytest.raises(PriceError, match="is after today"):
        read([str(int((tomorrow + 2).astype("datetime64[s]").astype(np.int64)))])


def test_holes_decide_between_day_and_month_where_the_order_does_not() -> None:
    firsts = pd.date_range("2018-01-01", periods=48, freq="MS")  # 01/02/2018 would also be in January
    assert days(read(list(firsts.strftime("%d/%m/%Y")))) == list(firsts.strftime("%Y-%m-%d"))
    assert days(read(list(firsts.strftime("%m/%d/%Y")))) == list(firsts.strftime("%Y-%m-%d"))


def test_an_order_of_day_and_month_that_leaves_many_holes_is_refused() -> None:
    index = pd.bdate_range("2020-01-01", "2022-12-30")
    cells = list(index[index.day <= 12].strftime("%d/%m/%Y"))  # somebody lost the other days
    with pytest.raises(
        PriceError, match=re.escape("'01/01/2020' may have the day or the month first and either way many days")
    ):
        read(cells)


def test_times_of_day_may_stand_in_a_column_of_their_own() -> None:
    text = "<DATE>,<TIME>,<CLOSE>\n" + "".join(
        f"2022.01.{day:02d},{hour:02d}:00,{day + hour / 100}\n" for day in (3, 4, 5) for hour in range(9, 17)
    )
    daily = read_csv("file.csv", text.encode())
    assert (days(daily), daily.close.tolist()) == (["2022-01-03", "2022-01-04", "2022-01-05"], [3.16, 4.16, 5.16])
    assert "daily prices made of the file's hourly prices" in notes_of(daily)
    hourly = read_csv("file.csv", text.encode(), bar_size="1h")
    assert (hourly.bar_size, len(hourly.dates), str(hourly.moments[1])) == ("1h", 24, "2022-01-03T10:00:00")
    assert hourly.close[:2].tolist() == [3.09, 3.1]
    with pytest.raises(PriceError, match="the file has hourly prices, not five-minute ones; choose 1h, 1d or 1wk"):
        read_csv("file.csv", text.encode(), bar_size="5m")


def test_a_day_of_several_bars_opens_with_the_first_and_closes_with_the_last() -> None:
    rows = "2022-01-03 09:30,10,14,9,11,5\n2022-01-03 09:37,11,12,8,9,6\n2022-01-04 09:30,9,10,7,8,1\n"
    prices = read_csv("file.csv", f"Date,Open,High,Low,Close,Volume\n{rows}".encode())
    assert [getattr(prices, name).tolist() for name in ("open", "high", "low", "close", "volume")] == [
        [10, 9], [14, 10], [8, 7], [9, 8], [11, 1],
    ]  # fmt: skip
    assert "daily prices made of several prices a day" in notes_of(prices)


@pytest.mark.parametrize(
    ("every", "bar", "a_year", "adverb"),
    [
        ("W-FRI", "week", 52.2, "weekly"),
        ("ME", "month", 12, "monthly"),
        ("BMS", "month", 12, "monthly"),
        ("QE", "quarter", 4, "quarterly"),
    ],
)
def test_the_frequency_of_a_file_is_recognised(every: str, bar: str, a_year: float, adverb: str) -> None:
    index = pd.date_range("2010-01-01", periods=26, freq=every)
    prices = read(list(index.strftime("%Y-%m-%d")))
    assert (prices.bar, periods_a_year(prices)) == (bar, a_year)
    notes = all_notes(prices)
    assert f"{adverb} prices, {a_year:g} a year" in notes
    assert not any("session" in note or "weekday" in note or "calendar" in note for note in notes)
