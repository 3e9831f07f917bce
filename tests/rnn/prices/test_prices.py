from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from core.errors import InvalidRequest, NoData, PriceError
from core.rnn.prices import samples
from core.rnn.prices.notes import notes_of
from core.rnn.prices.prices import MOST_BARS, Prices, Unfinished
from core.rnn.prices.weeks import weekly
from core.system.dates import say_day
from tests.rnn.prices.weeks import WEEK, two_weeks, week


def test_prices_survive_their_bytes() -> None:
    prices = week(high=[6.0] * 5, low=[1.0] * 5, open=[2.0] * 5, gaps=[19_000], facts=("real",), currency="USD")
    again = Prices.from_bytes(prices.to_bytes())
    assert np.array_equal(again.days, WEEK)
    assert np.array_equal(again.close, prices.close)
    assert again.has_ranges
    assert again.volume.size == 0
    assert (again.facts, again.currency, again.gaps.tolist()) == (("real",), "USD", [19_000])
    assert again.to_bytes() == prices.to_bytes()


def test_when_and_how_prices_were_fetched_does_not_change_their_digest() -> None:
    later = week(source="yahoo", fetched_at=datetime(2026, 11, 20, tzinfo=UTC), fetch_notes=("Yahoo could not be reached",))
    assert later.digest == week(source="yahoo").digest
    assert notes_of(later) == ("closes only", "Yahoo could not be reached")
    assert Prices.from_bytes(later.to_bytes()).fetched_at is None


def test_one_other_close_changes_the_digest() -> None:
    assert week(close=[5.0, 4.0, 3.0, 2.0, 1.1]).digest != week().digest


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"dates": WEEK[[0, 1, 1, 3, 4]]}, "2022-12-06 follows 2022-12-06"),
        ({"dates": WEEK[::-1]}, "2022-12-08 follows 2022-12-09"),
        ({"close": [5.0, 0.0, 3.0, 2.0, 1.0]}, "the close of 2022-12-06 is 0.0; it must be above zero"),
        ({"close": [5.0, 4.0, np.nan, 2.0, 1.0]}, "the close of 2022-12-07 is nan"),
        ({"close": [5.0, 4.0, 3.0, 2.0, np.inf]}, "the close of 2022-12-09 is inf"),
        ({"close": [5.0]}, "5 dates but 1 values of close"),
        ({"volume": [5.0]}, "5 dates but 1 values of volume"),
        ({"dates": WEEK[:0], "close": []}, "not a single price"),
        ({"dates": np.arange(5) - 2**62}, "a date lies before 1 Jan 1700 or after 31 Dec 2199"),
        ({"gaps": [10**14]}, "a date lies before 1 Jan 1700 or after 31 Dec 2199"),
        ({"zone": "../../Mars"}, "its time zone is not known"),
        ({"gaps": np.zeros((1, 2))}, r"gaps has the shape \(1, 2\)"),
        ({"below_zero": np.zeros(4)}, r"below_zero has the shape \(4,\)"),
        ({"dates": np.arange(MOST_BARS + 1), "close": np.ones(MOST_BARS + 1)}, "500,001 prices are more than 500,000"),
    ],
)
def test_prices_that_cannot_be_are_refused_with_the_value(how: dict[str, object], sentence: str) -> None:
    with pytest.raises(PriceError, match=sentence):
        week(**how)


def test_a_period_includes_both_its_ends() -> None:
    inside = week(volume=[1.0, 2.0, 3.0, 4.0, 5.0]).between(date(2022, 12, 6), date(2022, 12, 8))
    assert inside.close.tolist() == [8.0, 7.0, 6.0]
    assert inside.volume.tolist() == [2.0, 3.0, 4.0]
    assert inside.high.size == 0
    assert len(week().between(None, date(2022, 12, 6)).dates) == 2
    assert len(week().between(date(2022, 12, 6)).dates) == 4
    assert week().between().digest == week().digest


def test_a_period_drops_what_is_known_on_none_of_its_days() -> None:
    early = week(high=[np.nan, np.nan, 3.0, 2.0, 1.0]).between(end=date(2022, 12, 6))
    assert not early.has_ranges
    assert notes_of(early) == ("closes only",)


def test_a_period_keeps_only_its_own_gaps() -> None:
    prices = week(source="yahoo", gaps=np.array(["2020-01-02", "2022-12-10"], "datetime64[D]"))
    assert "2 days without a price at Yahoo: 2 Jan 2020, 10 Dec 2022" in notes_of(prices)
    assert notes_of(prices.between(date(2022, 12, 5), date(2022, 12, 9))) == ("closes only",)


def test_a_period_that_ends_before_it_starts_is_invalid() -> None:
    with pytest.raises(InvalidRequest, match="ends on 6 Dec 2022, before it starts on 8 Dec 2022"):
        week().between(date(2022, 12, 8), date(2022, 12, 6))


def test_a_period_without_prices_names_what_there_is() -> None:
    with pytest.raises(NoData, match="no prices from 1 Jan 2023 on; they run from 5 Dec 2022 to 9 Dec 2022"):
        week().between(date(2023, 1, 1))


def test_days_are_said_without_leading_zero() -> None:
    assert say_day(np.datetime64("2022-12-08T10:00")) == say_day(date(2022, 12, 8)) == "8 Dec 2022"


HOURS = 1_670_000_400 + 3600 * np.arange(3)  # from 2022-12-02 12:00 in New York


def test_bars_inside_a_day_need_times_that_rise_and_are_told_in_the_exchanges_zone() -> None:
    how = {"bar_size": "1h", "dates": WEEK[[0, 0, 0]], "close": [1.0, 2.0, 3.0], "zone": "America/New_York"}
    hourly = week(**how, times=HOURS)
    assert hourly.moments.astype(str).tolist() == ["2022-12-02T12:00:00", "2022-12-02T13:00:00", "2022-12-02T14:00:00"]
    again = Prices.from_bytes(hourly.to_bytes())
    assert again.times is not None
    assert (again.times.tolist(), again.zone, again.bar_size) == (HOURS.tolist(), "America/New_York", "1h")
    with pytest.raises(PriceError, match="2022-12-02T13:00:00 follows 2022-12-02T13:00:00"):
        week(**how, times=HOURS[[0, 1, 1]])
    with pytest.raises(PriceError, match="hourly prices with 3 dates and no times"):
        week(**how)
    with pytest.raises(PriceError, match="daily prices with 3 dates and 3 times"):
        week(**how | {"bar_size": "1d", "dates": WEEK[:3]}, times=HOURS)


def test_a_period_of_bars_inside_days_cuts_their_times() -> None:
    bars = week(bar_size="1h", dates=WEEK[[0, 0, 1]], close=[1.0, 2.0, 3.0], times=HOURS)
    cut = bars.between(date(2022, 12, 6))
    assert cut.times is not None
    assert (cut.close.tolist(), cut.times.tolist()) == ([3.0], [HOURS[2]])


def test_the_price_so_far_is_shown_and_not_part_of_the_data() -> None:
    so_far = Unfinished(day=date(2022, 12, 12), price=1234.5, at=datetime(2022, 12, 12, 11, 30, tzinfo=UTC))
    running = week(unfinished=so_far)
    assert running.digest == week().digest
    assert notes_of(running)[-1].startswith("12 Dec 2022 so far, 11:30 by the exchange's clock: 1,234.5; not a close yet")
    assert Prices.from_bytes(running.to_bytes()).unfinished is None


def test_daily_prices_have_the_bytes_they_had_before_there_were_intervals() -> None:
    assert samples.fetch("^GSPC").digest == "7bcad2a4689a303ea9c82da99d68edc176c5058fb5afac656fd09dfac90943b4"  # in 2-compare
    assert week(calendar="XETR").digest != week().digest


def test_prices_stored_under_the_old_name_of_their_bar_size_are_read() -> None:
    bars = weekly(two_weeks())
    old = bars.to_bytes().replace(b'\\"bar_size\\"', b'\\"interval\\"')
    assert old != bars.to_bytes()
    assert Prices.from_bytes(old).bar_size == "1wk"
