"""Splits, dividends, bars inside a day and several tickers, through the real client on the stand-in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.errors import GridcastError, InvalidRequest, PriceError, RateLimited, UnknownTicker
from core.rnn.prices import samples
from core.rnn.prices.calendars import calendar_of
from core.rnn.prices.notes import notes_of
from core.rnn.prices.prices import SPLITS_ONLY, Prices
from core.rnn.prices.reader import reader_of
from core.rnn.prices.yahoo import Yahoo
from core.rnn.prices.yahoo_cache import PriceCache
from tests.rnn.prices.stand_in import Make, age
from tests.yahoo_answers import evening
from tests.yahoo_server import YahooServer

pytestmark = pytest.mark.slow
NEW_YORK = ZoneInfo("America/New_York")
FRIDAY, MONDAY = date(2020, 8, 28), date(2020, 8, 31)  # AAPL was split four for one before the Monday's open
EVE, EX_DAY = date(2020, 11, 5), date(2020, 11, 6)  # AAPL paid 0.205


def traded(make: Make, day: date) -> float:
    """The saved close of a day before dividends, as Yahoo gave it."""
    saved = PriceCache(make().home / "prices" / "1d").get("AAPL")
    assert saved
    return float(saved.bars["Close"].loc[str(day)])


def in_threads(source: Yahoo, symbols: list[str]) -> list[Prices | GridcastError]:
    """What several threads get that fetch at once, in the order of the symbols."""

    def answer(symbol: str) -> Prices | GridcastError:
        try:
            return source.fetch(symbol)
        except GridcastError as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(answer, symbols))


def test_a_split_adjusts_all_of_the_saved_history(server: YahooServer, make: Make) -> None:
    server.clock(evening(FRIDAY))
    before = make().fetch("AAPL")
    dear = traded(make, FRIDAY)
    age(make())
    server.clock(evening(MONDAY))
    after = make().fetch("AAPL")
    assert traded(make, FRIDAY) == pytest.approx(dear / 4)
    assert "earlier prices are adjusted anew, for a split of 4:1 on 31 Aug 2020" in notes_of(after)
    common = after.between(end=FRIDAY)
    assert np.allclose(common.close, before.close / 4, rtol=1e-9)
    assert np.abs(np.diff(np.log(after.close[-250:]))).max() < 0.2  # no return of -75 %


def test_a_dividend_adjusts_the_days_before_it(server: YahooServer, make: Make) -> None:
    server.clock(evening(EVE))
    before = make().fetch("AAPL")
    eve = traded(make, EVE)
    age(make())
    server.clock(evening(EX_DAY))
    after = make().fetch("AAPL")
    assert traded(make, EVE) == pytest.approx(eve)
    assert np.allclose(after.close[:-1] / before.close, 1 - 0.205 / eve, rtol=1e-9)
    assert "earlier prices are adjusted anew, for a dividend of 0.205 on 6 Nov 2020" in notes_of(after)


def test_a_quiet_day_changes_no_earlier_price(server: YahooServer, make: Make) -> None:
    server.clock(evening(date(2020, 9, 3)))
    before = make().fetch("AAPL")
    age(make())
    server.clock(evening(date(2020, 9, 4)))
    after = make().fetch("AAPL")
    assert len(after.dates) == len(before.dates) + 1
    assert after.between(end=before.days[-1].item()).digest == before.digest
    assert after.fetch_notes == ()


def test_corrected_prices_are_counted(server: YahooServer, make: Make) -> None:
    make().fetch("AAPL")
    age(make())
    cache = PriceCache(make().home / "prices" / "1d")
    saved = cache.get("AAPL")
    assert saved
    wrong = saved.bars.copy()
    wrong.iloc[[5, 9], :5] *= 1.01
    cache.put(replace(saved, bars=wrong))
    prices = make().fetch("AAPL")
    assert prices.fetch_notes == ("Yahoo changed 2 earlier prices",)
    assert np.allclose(prices.close, samples.fetch("AAPL").close, rtol=1e-9)


def test_a_split_that_yahoo_has_not_adjusted_for_leaves_saved_prices_as_they_are_for_a_week(
    server: YahooServer, make: Make
) -> None:
    server.clock(evening(FRIDAY))
    before = make().fetch("AAPL")
    path = age(make())
    content = path.read_bytes()
    server.clock(evening(MONDAY))
    server.fault("unadjusted")
    kept = make().fetch("AAPL")
    assert kept.digest == before.digest
    assert path.read_bytes() == content
    sentence = "Yahoo has not adjusted earlier prices for the split of 4:1 on 31 Aug 2020"
    assert notes_of(kept)[-1].endswith(f"because {sentence}")
    age(make(), 5)
    assert sentence in notes_of(make().fetch("AAPL"))


@pytest.mark.parametrize(("bar_size", "minutes", "days"), [("1h", 60, 730), ("30m", 30, 60), ("15m", 15, 60), ("5m", 5, 60)])
def test_bars_inside_a_day_have_times_and_say_how_far_they_reach(
    server: YahooServer, make: Make, bar_size: str, minutes: int, days: int
) -> None:
    prices = make().fetch("KO", bar_size)
    assert (prices.bar_size, prices.zone, prices.basis) == (bar_size, "America/New_York", SPLITS_ONLY)
    assert prices.moments[-1] == np.datetime64("2022-12-28T16:00") - np.timedelta64(30 if minutes == 60 else minutes, "m")
    assert prices.times is not None
    assert prices.times[-1] == int(prices.moments[-1].astype("datetime64[s]").astype(int)) + 5 * 3600
    assert prices.close[-1] == pytest.approx(samples.fetch("KO").close[-1])
    assert (prices.days[-1] - prices.days[0]).astype(int) <= days
    assert any(f"of the last {days} days only" in note for note in notes_of(prices))
    assert not any("without a price" in note for note in notes_of(prices))
    assert Prices.from_bytes(prices.to_bytes()).digest == prices.digest
    assert [path.parent.name for path in make().home.rglob("*.parquet")] == [bar_size]


def test_a_running_hour_is_shown_and_not_learned_from(server: YahooServer, make: Make) -> None:
    server.clock(datetime(2022, 12, 28, 12, 10, tzinfo=NEW_YORK))
    prices = make().fetch("KO", "1h")
    assert str(prices.moments[-1]) == "2022-12-28T10:30:00"
    assert prices.unfinished
    assert (prices.unfinished.day, f"{prices.unfinished.at:%H:%M}") == (date(2022, 12, 28), "12:10")


def test_bars_without_a_price_are_counted_not_filled(server: YahooServer, make: Make) -> None:
    whole = make().fetch("KO", "15m")
    age(make(), 8, "KO", bar_size="15m")
    server.fault("nulls")
    holed = make().fetch("KO", "15m")
    lost = len(whole.dates) - len(holed.dates)
    assert lost > 100
    assert f"{lost:,} bars without a price at Yahoo are left out" in notes_of(holed)


def test_a_refused_hour_uses_the_saved_hours_and_leaves_the_saved_days_alone(server: YahooServer, make: Make) -> None:
    make().fetch("KO")
    good = make().fetch("KO", "1h")
    path = age(make(), 3, "KO", bar_size="1h")
    content = path.read_bytes()
    server.fault("truncated")
    again = make().fetch("KO", "1h")
    assert again.digest == good.digest
    assert notes_of(again)[-1].endswith("because Yahoo answered, but not with prices")
    assert path.read_bytes() == content


def test_a_bar_size_without_prices_is_named(server: YahooServer, make: Make) -> None:
    server.fault("empty")
    with pytest.raises(PriceError, match="has no hourly prices for it; choose daily prices or another ticker"):
        make().fetch("KO", "1h")


def test_weeks_are_made_of_days(server: YahooServer, make: Make) -> None:
    weekly = make().fetch("KO", "1wk")
    assert np.allclose(weekly.close, reader_of("sample").fetch("KO", "1wk").close, rtol=1e-12)
    assert [path.parent.name for path in make().home.rglob("*.parquet")] == ["1d"]


def test_prices_know_their_calendar(server: YahooServer, make: Make) -> None:
    assert [calendar_of(make().fetch(symbol)).name for symbol in ("KO", "^GSPC", "MTUM")] == ["XNYS"] * 3


def test_several_threads_fetch_at_once_and_a_bad_ticker_does_not_disturb_the_others(server: YahooServer, make: Make) -> None:
    symbols = ["KO", "AAP", "MSFT", "not a ticker", "KO", "^GSPC", "JNJ"]
    answers = in_threads(make(), symbols)
    assert isinstance(answers[1], UnknownTicker)
    assert "cannot be a ticker" in str(answers[3])
    for symbol, prices in zip(symbols, answers, strict=True):
        if symbol not in ("AAP", "not a ticker"):
            assert isinstance(prices, Prices)
            assert np.allclose(prices.close, samples.fetch(symbol).close, rtol=1e-9)


def test_one_cool_down_holds_for_all_tickers(server: YahooServer, make: Make) -> None:
    source = make()
    source.fetch("KO")
    server.fault("rate_limit")
    age(source, 3, "KO")
    with pytest.raises(RateLimited):
        source.fetch("PEP")
    sent = len(server.paths)
    saved, *others = in_threads(source, ["KO", "MSFT", "JNJ", "JPM", "XOM", "CVX"])
    assert len(server.paths) == sent
    assert isinstance(saved, Prices)
    refused = [error for error in others if isinstance(error, RateLimited)]
    assert len({error.retry_at for error in refused}) == 1
    assert len(refused) == 5


def test_a_source_of_days_refuses_hours_with_what_it_has() -> None:
    with pytest.raises(InvalidRequest, match=r"shipped sample \(skfolio\) has daily prices, not hourly ones; choose 1d or 1wk"):
        reader_of("sample").fetch("KO", "1h")


def test_saved_prices_are_asked_for_anew_after_the_next_session(server: YahooServer, make: Make) -> None:
    make().fetch("KO")
    saved = PriceCache(make().home / "prices" / "1d").get("KO")
    assert saved
    assert timedelta(0) < saved.due - datetime.now(UTC) <= timedelta(days=1)
