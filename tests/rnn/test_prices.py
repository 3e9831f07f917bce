from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from core.errors import InvalidRequest, NoData, PriceError
from core.rnn.prices import Prices, say_day, source_of

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
