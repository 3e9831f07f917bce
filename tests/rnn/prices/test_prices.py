from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from core.errors import InvalidRequest, NoData, PriceError
from core.rnn.prices import samples
from core.rnn.prices.prices import Prices, Unfinished
from core.rnn.prices.sources import source_of
from core.rnn.prices.weeks import WEEKS
from core.rnn.words import say_day

WEEK = np.arange("2022-12-05", "2022-12-10", dtype="datetime64[D]")  # Monday to Friday


def week(**how: object) -> Prices:
    fields: dict[str, object] = {"symbol": "AAPL", "source": "csv", "dates": WEEK, "close": [5.0, 4.0, 3.0, 2.0, 1.0]}
    return Prices(**fields | how)  # type: ignore[arg-type]


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
    assert later.notes == ("closes only", "Yahoo could not be reached")
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
    ],
)
def test_prices_that_cannot_be_are_refused_with_the_value(how: dict[str, object], sentence: str) -> None:
    with pytest.raises(PriceError, match=sentence):
        week(**how)


def test_a_period_includes_both_its_ends() -> None:
    inside = week(volume=[1.0, 2.0, 3.0, 4.0, 5.0]).between(date(2022, 12, 6), date(2022, 12, 8))
    assert inside.close.tolist() == [4.0, 3.0, 2.0]
    assert inside.volume.tolist() == [2.0, 3.0, 4.0]
    assert inside.high.size == 0
    assert len(week().between(None, date(2022, 12, 6)).dates) == 2
    assert len(week().between(date(2022, 12, 6)).dates) == 4
    assert week().between().digest == week().digest


def test_a_period_drops_what_is_known_on_none_of_its_days() -> None:
    early = week(high=[np.nan, np.nan, 3.0, 2.0, 1.0]).between(end=date(2022, 12, 6))
    assert not early.has_ranges
    assert early.notes == ("closes only",)


def test_a_period_keeps_only_its_own_gaps() -> None:
    prices = week(source="yahoo", gaps=np.array(["2020-01-02", "2022-12-10"], "datetime64[D]"))
    assert "2 days without a price at Yahoo: 2 Jan 2020, 10 Dec 2022" in prices.notes
    assert prices.between(date(2022, 12, 5), date(2022, 12, 9)).notes == ("closes only",)


def test_many_gaps_are_counted_and_the_first_named() -> None:
    note = week(source="yahoo", gaps=np.arange(7)).notes[-1]
    assert note.startswith("7 days without a price at Yahoo: 1 Jan 1970, ")
    assert note.endswith("5 Jan 1970 and 2 more")


def test_a_period_that_ends_before_it_starts_is_invalid() -> None:
    with pytest.raises(InvalidRequest, match="ends on 6 Dec 2022, before it starts on 8 Dec 2022"):
        week().between(date(2022, 12, 8), date(2022, 12, 6))


def test_a_period_without_prices_names_what_there_is() -> None:
    with pytest.raises(NoData, match="no prices from 1 Jan 2023 on; they run from 5 Dec 2022 to 9 Dec 2022"):
        week().between(date(2023, 1, 1))


def test_caption_says_source_period_and_adjustment() -> None:
    expected = "AAPL · my.csv · 5 Dec 2022 to 9 Dec 2022 · closes adjusted for dividends and splits"
    assert week(origin="my.csv").caption == expected


def test_days_are_said_without_leading_zero() -> None:
    assert say_day(np.datetime64("2022-12-08T10:00")) == say_day(date(2022, 12, 8)) == "8 Dec 2022"


def test_an_unknown_source_is_told_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequest, match=r"no price source 'nowhere\.csv'; use sample, yahoo or the path"):
        source_of("nowhere.csv")


TWO_WEEKS = np.busday_offset("2022-11-28", np.arange(10)).astype("datetime64[D]")  # Monday to Friday, twice


def two_weeks(**how: object) -> Prices:
    bars = np.arange(10.0) + 10
    fields: dict[str, object] = {"close": bars, "open": bars - 1, "high": bars + 2, "low": bars - 2, "volume": bars * 10}
    return week(**{"dates": TWO_WEEKS, "calendar": "XNYS"} | fields | how)


def test_a_week_opens_with_its_first_day_and_closes_with_its_last() -> None:
    weekly = two_weeks().weekly()
    assert (weekly.bar_size, weekly.days.astype(str).tolist()) == ("1wk", ["2022-12-02", "2022-12-09"])
    assert (weekly.open.tolist(), weekly.close.tolist()) == ([9.0, 14.0], [14.0, 19.0])
    assert (weekly.high.tolist(), weekly.low.tolist()) == ([16.0, 21.0], [8.0, 13.0])
    assert weekly.volume.tolist() == [600.0, 850.0]
    assert WEEKS in weekly.notes
    assert weekly.caption.startswith("AAPL · weekly · ")


def test_a_week_that_is_not_over_is_left_out_and_told() -> None:
    until_thursday = two_weeks().between(end=date(2022, 12, 8)).weekly()
    assert until_thursday.close.tolist() == [14.0]
    assert until_thursday.notes[-1] == "the week of 5 Dec 2022 is not over and left out"
    with pytest.raises(NoData, match="AAPL has not one whole week of prices"):
        two_weeks().between(end=date(2022, 12, 1)).weekly()


def test_a_week_whose_friday_is_a_holiday_is_over_on_thursday() -> None:
    easter = np.arange("2022-04-11", "2022-04-15", dtype="datetime64[D]")  # to Maundy Thursday
    assert len(week(dates=easter, close=[1.0, 2.0, 1.0, 2.0], calendar="XNYS").weekly().dates) == 1
    with pytest.raises(NoData, match="not one whole week"):
        week(dates=easter, close=[1.0, 2.0, 1.0, 2.0], calendar="weekdays").weekly()


def test_what_is_unknown_on_one_day_is_unknown_for_its_week() -> None:
    high, volume = np.arange(10.0) + 12, np.arange(10.0)
    high[3] = volume[8] = np.nan
    weekly = two_weeks(high=high, volume=volume).weekly()
    assert np.isnan(weekly.high).tolist() == [True, False]
    assert np.isnan(weekly.volume).tolist() == [False, True]


def test_weeks_of_weeks_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="weeks are made of daily prices, and these are weekly"):
        two_weeks().weekly().weekly()


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
    assert running.notes[-1].startswith("12 Dec 2022 so far, 11:30 by the exchange's clock: 1,234.5; not a close yet")
    assert Prices.from_bytes(running.to_bytes()).unfinished is None


def test_daily_prices_have_the_bytes_they_had_before_there_were_intervals() -> None:
    assert samples.fetch("^GSPC").digest == "7bcad2a4689a303ea9c82da99d68edc176c5058fb5afac656fd09dfac90943b4"  # in 2-compare
    assert week(calendar="XETR").digest != week().digest


def test_a_price_that_never_changes_is_told() -> None:
    assert "every price is 5: there is nothing to forecast" in week(close=[5.0] * 5).notes


def test_a_move_like_an_unadjusted_split_is_told_for_files_alone() -> None:
    split = [5.0, 5.1, 2.04, 2.1, 2.0]
    sentence = "the price moves by -60 % to 7 Dec 2022: a split that is not adjusted, or an error, looks like this"
    assert sentence in week(close=split).notes
    assert sentence not in week(close=split, source="yahoo").notes
    assert "the price moves by +60 % to 9 Dec 2022" in " ".join(week(close=[1.0, 1.1, 1.0, 1.0, 1.6]).notes)


def test_a_long_time_without_a_price_is_told() -> None:
    holed = np.concatenate([WEEK[:3], WEEK[3:] + 400])
    told = "no price for 401 days, from 7 Dec 2022 to 12 Jan 2024: the first return after that is one of many days"
    assert told in week(dates=holed).notes


def test_prices_stored_under_the_old_name_of_their_bar_size_are_read() -> None:
    weekly = two_weeks().weekly()
    old = weekly.to_bytes().replace(b'\\"bar_size\\"', b'\\"interval\\"')
    assert old != weekly.to_bytes()
    assert Prices.from_bytes(old).bar_size == "1wk"
