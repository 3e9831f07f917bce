from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from core.rnn.prices import samples
from core.rnn.prices.calendars import (
    BY_EXCHANGE,
    EVERY_DAY,
    WEEKDAYS,
    calendar_name,
    calendar_named,
    calendar_of,
    periods_a_year,
)
from core.rnn.prices.notes import calendar_notes
from core.rnn.prices.prices import Prices
from core.rnn.prices.weeks import weekly


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


def days(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[D]")


def prices(dates: np.ndarray, **how: object) -> Prices:
    fields: dict[str, object] = {"symbol": "X", "source": "csv", "dates": dates, "close": 10 + np.arange(len(dates)) % 3}
    return Prices(**fields | how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("symbol", "exchange", "kind", "name"),
    [
        ("AAPL", "NMS", "EQUITY", "XNYS"),
        ("SAP.DE", "GER", "EQUITY", "XETR"),
        ("SAP.DE", "", "", "XETR"),
        ("^FTSE", "FGI", "INDEX", "XLON"),
        ("^N225", "", "", "XTKS"),
        ("^GSPC", "", "", "XNYS"),
        ("EURUSD=X", "CCY", "CURRENCY", WEEKDAYS),
        ("EURUSD=X", "", "", WEEKDAYS),
        ("BTC-USD", "CCC", "CRYPTOCURRENCY", EVERY_DAY),
        ("BTC-USD", "", "", EVERY_DAY),
        ("BRK-B", "", "", "XNYS"),
        ("GC=F", "CMX", "FUTURE", "CMES"),
        ("7203.T", "JPX", "EQUITY", "XTKS"),
        ("RELIANCE.NS", "NSI", "EQUITY", "XBOM"),
        ("X.ZZ", "QQQ", "EQUITY", "QQQ"),
    ],
)
def test_a_ticker_follows_the_calendar_of_its_exchange_kind_or_spelling(
    symbol: str, exchange: str, kind: str, name: str
) -> None:
    assert calendar_name(symbol, exchange, kind) == name


def test_every_row_of_the_table_names_a_calendar_of_the_library() -> None:
    from exchange_calendars import get_calendar_names

    assert set(BY_EXCHANGE.values()) - {WEEKDAYS, EVERY_DAY} <= set(get_calendar_names(include_aliases=True))


def test_the_next_sessions_leave_out_weekends_and_holidays() -> None:
    after_thanksgiving = calendar_named("XNYS").next_sessions(day("2022-11-22"), 4)
    assert after_thanksgiving.tolist() == days("2022-11-23", "2022-11-25", "2022-11-28", "2022-11-29").tolist()
    assert calendar_named("XETR").next_sessions(day("2022-11-23"), 1)[0] == day("2022-11-24")
    assert calendar_named(WEEKDAYS).next_sessions(day("2022-11-23"), 3)[-1] == day("2022-11-28")
    assert calendar_named(EVERY_DAY).next_sessions(day("2022-11-25"), 2)[-1] == day("2022-11-27")


def test_twenty_sessions_from_any_day_are_twenty_rising_days() -> None:
    for start in np.arange("2022-12-01", "2023-01-10", dtype="datetime64[D]"):
        sessions = calendar_named("XHKG").next_sessions(start, 20)
        assert len(sessions) == 20
        assert sessions[0] > start
        assert (np.diff(sessions) > np.timedelta64(0, "D")).all()


@pytest.mark.parametrize("symbol", ["AAPL", "^GSPC", "^IXIC", "MTUM"])
def test_the_shipped_samples_lack_no_session_and_have_none_too_many(symbol: str) -> None:
    sample = samples.fetch(symbol)
    assert calendar_of(sample).name == "XNYS"
    assert calendar_notes(sample) == ()


def test_a_session_without_a_price_is_named_and_not_filled() -> None:
    sample = samples.fetch("KO")
    kept = np.delete(np.arange(len(sample.dates)), [100, 5000])
    holed = sample.model_copy(update={"dates": sample.dates[kept], "close": sample.close[kept]})
    months = [f"{d.astype(object):%b %Y}" for d in sample.days[[100, 5000]]]
    (note,) = calendar_notes(holed)
    assert note.startswith("2 sessions of XNYS without a price: ")
    assert all(month in note for month in months)


def test_gaps_that_the_source_told_are_not_told_twice() -> None:
    sample = samples.fetch("KO")
    kept = np.delete(np.arange(len(sample.dates)), 100)
    update = {"dates": sample.dates[kept], "close": sample.close[kept], "gaps": sample.dates[[100]]}
    assert calendar_notes(sample.model_copy(update=update)) == ()


def test_a_price_on_a_holiday_is_told() -> None:
    holiday = prices(days("2022-12-23", "2022-12-26", "2022-12-27"), calendar="XNYS")
    assert calendar_notes(holiday) == ("1 price on days that are no session of XNYS: 26 Dec 2022",)


def test_an_unknown_exchange_is_said_and_weekdays_stand_in_without_calling_holidays_gaps() -> None:
    unknown = prices(days("2022-12-22", "2022-12-27"), calendar="QQQ")
    assert calendar_notes(unknown) == ("no calendar is known for exchange QQQ; Monday to Friday stand in",)
    assert calendar_of(unknown).next_sessions(day("2022-12-23"), 1)[0] == day("2022-12-26")


def test_a_calendar_that_begins_later_than_the_prices_says_so_and_is_silent_about_the_years_before() -> None:
    tokyo = calendar_named("XTKS")
    assert tokyo.note(day("1990-01-01"), day("2000-01-01")) == (
        "the calendar of XTKS says nothing before 1 Jan 1997; weekdays stand in there"
    )
    assert tokyo.note(day("1997-01-06"), day("2000-01-01")) == ""
    gaps = tokyo.missing_sessions(days("1996-01-04", "1997-01-09"))
    assert gaps.tolist() == days("1997-01-06", "1997-01-07", "1997-01-08").tolist()


def test_sessions_after_the_end_of_a_calendar_are_weekdays_and_it_says_so() -> None:
    shanghai = calendar_named("XSHG")
    end = day("2026-12-31")
    assert shanghai.next_sessions(end, 2).tolist() == days("2027-01-01", "2027-01-04").tolist()
    assert "says nothing after 31 Dec 2026" in shanghai.note(end, day("2027-01-04"))


@pytest.mark.parametrize(
    ("dates", "name"),
    [
        (np.arange("2022-01-01", "2022-03-01", dtype="datetime64[D]"), EVERY_DAY),
        (np.busday_offset("2022-01-03", np.arange(60)), WEEKDAYS),
    ],
)
def test_a_file_follows_the_days_it_has(dates: np.ndarray, name: str) -> None:
    assert calendar_of(prices(dates)).name == name


def test_a_file_without_a_price_on_new_yorks_holidays_follows_new_york() -> None:
    sample = samples.fetch("KO")
    file = prices(sample.days)
    assert calendar_of(file).name == "XNYS"
    assert calendar_notes(file) == ()
    german = np.union1d(sample.days, days("2021-07-05"))  # Independence Day, observed
    assert calendar_of(prices(german)).reason == "the exchange of these prices is not known"


def test_a_file_of_which_most_days_are_missing_says_how_many() -> None:
    thin = samples.fetch("KO").days[-1000:][::3]
    thin[0] += np.argmax(np.is_busday(thin[0] + np.arange(1, 5))) + 1
    notes = calendar_notes(prices(np.unique(np.append(thin, day("2021-07-05")))))
    assert notes[0] == "the exchange of these prices is not known; Monday to Friday stand in"
    assert notes[1].startswith("68 % of the weekdays from ")


def test_bars_a_year_are_counted_from_calendar_and_interval() -> None:
    sample = samples.fetch("KO")
    assert periods_a_year(sample) == pytest.approx(252, abs=1)
    assert periods_a_year(weekly(sample)) == pytest.approx(52.2, abs=0.1)
    assert periods_a_year(prices(np.arange("2022-01-01", "2022-03-01", dtype="datetime64[D]"))) == pytest.approx(365.2)
    hours = np.arange(21)
    times = 1_669_818_600 + 3600 * (hours % 7) + 86_400 * (hours // 7)
    hourly = prices(times // 86_400, bar_size="1h", times=times, calendar="XNYS", zone="America/New_York")
    assert periods_a_year(hourly) == pytest.approx(7 * 251.7, abs=7)


def test_bars_a_year_of_a_file_without_a_known_calendar_are_those_it_has() -> None:
    german = samples.fetch("KO").days[-2520:]
    german = np.union1d(german, days("2021-07-05"))  # no price on other holidays of New York
    assert calendar_of(prices(german)).reason
    assert periods_a_year(prices(german)) == pytest.approx(252, abs=1)  # not the 261 weekdays of a year
    months = np.arange("2010-01", "2020-01", dtype="datetime64[M]").astype("datetime64[D]")
    assert periods_a_year(prices(months)) == pytest.approx(12, abs=0.1)
    assert periods_a_year(prices(german[:6])) == pytest.approx(260.9)  # too few to tell


def test_the_library_of_calendars_is_imported_only_when_asked() -> None:
    code = "import sys, core.rnn.prices.calendars, core.rnn.prices.yahoo; assert 'exchange_calendars' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
