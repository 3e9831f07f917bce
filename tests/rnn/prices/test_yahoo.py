"""Every trouble with Yahoo, met by the real client on the stand-in of `tests/yahoo_server.py`."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidRequest, NoData, PriceError, RateLimited, SourceUnavailable, UnknownTicker
from core.rnn.prices import samples, yahoo
from core.rnn.prices.notes import notes_of
from core.rnn.prices.prices import Prices
from core.rnn.prices.quality.breaks import breaks_of, taken_as_they_are
from core.rnn.prices.yahoo_cache import PriceCache
from core.system import events
from tests.rnn.prices.stand_in import Make, age, forget
from tests.yahoo_server import FAULTS, YahooServer

slow = pytest.mark.slow
OTHERWISE = "Yahoo answered, but not with prices"
CUT = "there is no connection to Yahoo"
REFUSALS = [
    ("rate_limit", RateLimited, r"Yahoo asks us to wait until \d\d:\d\d"),
    ("unknown", SourceUnavailable, "Yahoo lists AAPL but gives no prices right now"),
    ("empty", NoData, "Yahoo lists AAPL but has no daily prices for it"),
    ("slow", SourceUnavailable, "Yahoo did not answer in time"),
    *[(fault, SourceUnavailable, OTHERWISE) for fault in ("server_error", "down", "consent", "null_result", "tz_missing")],
    *[(fault, SourceUnavailable, OTHERWISE) for fault in ("truncated", "bad_crumb")],
    *[(fault, SourceUnavailable, CUT) for fault in ("reset", "short_body", "no_tunnel")],
]
HARMLESS = ("consent_form", "duplicate_last")  # Yahoo's client copes
TOLD = ("nulls", "nan_last", "unadjusted", "negative", "pence")  # prices with a note


@pytest.mark.parametrize("words", ["A B C", "", "BRK/BB", "../../etc", "Ä", "X" * 21])
def test_what_cannot_be_a_ticker_is_not_asked_for(words: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot be a ticker at Yahoo; tickers look like AAPL"):
        yahoo.Yahoo(tmp_path).fetch(words)
    assert not list(tmp_path.iterdir())


def test_the_client_is_imported_only_when_asked() -> None:
    code = "import sys, core.rnn.prices.yahoo; assert 'yfinance' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@slow
@pytest.mark.parametrize("symbol", ["AAPL", "^IXIC", "MTUM"])
def test_prices_are_those_that_yahoo_has(server: YahooServer, make: Make, symbol: str) -> None:
    sample, prices = samples.fetch(symbol), make().fetch(f" {symbol.lower()} ")
    assert np.array_equal(prices.dates, sample.dates)
    assert np.allclose(prices.close, sample.close, rtol=1e-12)
    assert (prices.name, prices.currency, prices.source) == (sample.name, "USD", "yahoo")
    assert prices.has_ranges == sample.has_ranges
    assert np.allclose(prices.high, sample.high, rtol=1e-12)
    assert np.array_equal(prices.volume, sample.volume)
    assert prices.fetched_at


@slow
def test_a_second_fetch_that_day_asks_nobody(server: YahooServer, make: Make) -> None:
    first = make().fetch("AAPL")
    sent = len(server.paths)
    again = make().fetch("AAPL")
    assert len(server.paths) == sent
    assert again.digest == first.digest


@slow
def test_a_refetch_of_the_same_days_is_the_same_run(server: YahooServer, make: Make) -> None:
    server.clock(datetime(2022, 12, 27, 23, tzinfo=UTC))
    before = make().fetch("AAPL")
    age(make())
    server.reset()
    after = make().fetch("AAPL")
    assert len(after.dates) == len(before.dates) + 1
    assert after.between(end=before.days[-1].item()).digest == before.digest


@slow
@pytest.mark.parametrize(("fault", "kind", "sentence"), REFUSALS)
def test_a_refusal_without_saved_prices_is_an_error_that_says_what_to_do(
    server: YahooServer, make: Make, fault: str, kind: type[PriceError], sentence: str
) -> None:
    server.fault(fault)
    source = make(1.0 if fault == "slow" else 10.0)
    with pytest.raises(kind, match=f"^{sentence}; (try|check|choose)"):
        source.fetch("AAPL")
    assert not list(source.home.rglob("*.parquet"))


@slow
@pytest.mark.parametrize(("fault", "kind", "sentence"), REFUSALS)
def test_a_refusal_leaves_saved_prices_untouched_and_uses_them(
    server: YahooServer, make: Make, fault: str, kind: type[PriceError], sentence: str
) -> None:
    good = make().fetch("AAPL")
    path = age(make())
    before = path.read_bytes()
    server.fault(fault)
    prices = make(1.0 if fault == "slow" else 10.0).fetch("AAPL")
    assert prices.digest == good.digest
    assert re.fullmatch(rf"prices saved \d+ \w+ \d+, because {sentence}", notes_of(prices)[-1])
    assert path.read_bytes() == before


def test_every_fault_of_the_stand_in_is_met() -> None:
    assert {fault for fault, _, _ in REFUSALS} | {*HARMLESS, *TOLD} == set(FAULTS)


@slow
@pytest.mark.parametrize("fault", HARMLESS)
def test_what_the_client_copes_with_changes_no_price(server: YahooServer, make: Make, fault: str) -> None:
    good = make().fetch("AAPL")
    age(make())
    server.fault(fault)
    again = make().fetch("AAPL")
    assert (again.digest, again.fetch_notes) == (good.digest, ())


@slow
def test_a_last_day_without_a_price_is_left_out_and_told(server: YahooServer, make: Make) -> None:
    server.fault("nan_last")
    prices = make().fetch("AAPL")
    assert str(prices.days[-1]) == "2022-12-27"
    assert notes_of(prices)[-1] == "the session of 28 Dec 2022 has no final price yet and is left out"
    assert prices.gaps.size == 0


@slow
def test_a_last_day_that_lost_its_price_keeps_the_saved_one(server: YahooServer, make: Make) -> None:
    good = make().fetch("AAPL")
    path = age(make())
    before = path.read_bytes()
    server.fault("nan_last")
    kept = make().fetch("AAPL")
    assert kept.digest == good.digest
    assert notes_of(kept)[-1].endswith("because Yahoo's answer lacks 1 day that it gave before")
    assert path.read_bytes() == before


@slow
def test_a_dead_line_is_told_as_no_connection(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(SourceUnavailable, match="there is no connection to Yahoo; check the network"):
        make().fetch("AAPL")


@slow
def test_an_unknown_ticker_is_told_with_near_ones_and_asked_for_once(server: YahooServer, make: Make) -> None:
    source = make()
    with pytest.raises(UnknownTicker, match=r"Yahoo has no ticker AAP; did you mean AAPL \(Apple\)\?"):
        source.fetch("AAP")
    sent = len(server.paths)
    with pytest.raises(UnknownTicker, match="Yahoo has no ticker AAP; did you mean"):
        source.fetch("aap")
    assert len(server.paths) == sent


@slow
def test_a_ticker_is_not_called_unknown_when_the_search_fails_too(server: YahooServer, make: Make) -> None:
    server.fault("server_error", on=("/v1/finance/search",))
    with pytest.raises(SourceUnavailable, match="Yahoo answered, but not with prices"):
        make().fetch("ZZZZ")


@slow
def test_every_question_to_yahoo_is_an_event_with_its_outcome(
    server: YahooServer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(events, "_listeners", [lambda name, fields: heard.append((name, fields["outcome"]))])
    source = make()
    source.fetch("AAPL")
    server.fault("rate_limit")
    for ticker in ("KO", "MSFT"):  # the second is not asked for
        with pytest.raises(RateLimited):
            source.fetch(ticker)
    assert heard == [("yahoo", "answered"), ("yahoo", "RateLimited")]


@slow
def test_while_yahoo_asks_to_wait_nothing_is_sent(server: YahooServer, make: Make) -> None:
    source = make()
    server.fault("rate_limit")
    with pytest.raises(RateLimited) as first:
        source.fetch("AAPL")
    server.reset()
    with pytest.raises(RateLimited) as second:
        source.fetch("KO")
    with pytest.raises(RateLimited):
        source.search("coca")
    assert server.paths == []
    assert first.value.retry_at == second.value.retry_at
    assert first.value.retry_at
    assert timedelta(seconds=50) < first.value.retry_at - datetime.now(UTC) <= timedelta(seconds=60)


@slow
def test_a_bad_answer_is_not_given_twice(server: YahooServer, make: Make) -> None:
    source = make()
    server.fault("consent")
    with pytest.raises(SourceUnavailable):
        source.fetch("AAPL")
    server.reset()
    assert len(source.fetch("AAPL").dates) == 8313


@slow
def test_students_who_ask_at_once_are_one_question(server: YahooServer, make: Make) -> None:
    source, hasty = make(), make(1.0)
    with ThreadPoolExecutor(4) as pool:
        assert len({prices.digest for prices in pool.map(source.fetch, ["AAPL"] * 4)}) == 1
        assert server.paths.count("/v8/finance/chart/AAPL") == 2  # its time zone, its prices
        server.fault("slow")
        began = time.monotonic()
        answers = [pool.submit(hasty.fetch, "KO") for _ in range(4)]
        assert all(isinstance(answer.exception(), SourceUnavailable) for answer in answers)
        assert time.monotonic() - began < 3.5  # four questions would take four seconds


@slow
def test_days_without_a_price_become_gaps(server: YahooServer, make: Make) -> None:
    server.fault("nulls")
    prices = make().fetch("MTUM")
    assert len(prices.gaps) + len(prices.dates) == 2264
    assert notes_of(prices)[1].startswith("226 days without a price at Yahoo: 9 Jan 2014, ")


@slow
def test_a_price_below_zero_matters_to_a_period_that_holds_it_alone(server: YahooServer, make: Make) -> None:
    server.fault("negative")
    prices = make().fetch("MTUM")
    sample = samples.fetch("MTUM")
    later = prices.between(date(2020, 4, 21))
    assert np.allclose(later.close, sample.between(date(2020, 4, 21)).close, rtol=1e-12)
    assert later.below_zero is None
    assert prices.between(end=date(2020, 4, 17)).below_zero is None
    assert np.datetime64("2020-04-20") not in prices.days
    with pytest.raises(PriceError, match=r"the close of MTUM on 20 Apr 2020 is -37\.63, .* begins after 20 Apr 2020"):
        prices.between(date(2020, 1, 1))
    assert not any("20 Apr 2020" in note for note in notes_of(prices))  # it is no day without a price


@slow
def test_a_block_in_pounds_is_told_of_yahoo_too(server: YahooServer, make: Make) -> None:
    server.fault("pence")
    prices = make().fetch("MTUM")
    days = prices.days[[2000, 2020]].astype(str).tolist()
    [broken] = breaks_of(prices)
    assert (broken.looks_like, str(broken.day), str(broken.until)) == ("pounds after pence", *days)
    assert f"the price moves by {broken.text}" in notes_of(prices)
    with pytest.raises(PriceError, match=r"like pounds after pence; if the prices are right, say so .*, else begin on"):
        taken_as_they_are(prices, "MTUM", None, None, confirmed=False)


@slow
def test_an_answer_with_holes_does_not_replace_good_prices_for_a_week(server: YahooServer, make: Make) -> None:
    make().fetch("MTUM")
    path = age(make(), 3, "MTUM")
    before = path.read_bytes()
    server.fault("nulls")
    kept = make().fetch("MTUM")
    assert notes_of(kept)[-1].endswith("because Yahoo's answer lacks 226 days that it gave before")
    assert path.read_bytes() == before
    age(make(), 5, "MTUM")
    assert len(make().fetch("MTUM").gaps) == 226


@slow
def test_the_bar_of_a_running_session_is_shown_and_never_learned_from(server: YahooServer, make: Make) -> None:
    server.clock(datetime(2022, 12, 27, 23, tzinfo=UTC))
    evening_before = make().fetch("AAPL")
    age(make())
    server.clock(datetime(2022, 12, 28, 17, tzinfo=UTC))  # noon in New York
    prices = make().fetch("AAPL")
    assert prices.digest == evening_before.digest
    assert str(prices.days[-1]) == "2022-12-27"
    assert prices.unfinished
    assert (prices.unfinished.day.isoformat(), prices.unfinished.price) == ("2022-12-28", 125.674)
    assert notes_of(prices)[-1].startswith("28 Dec 2022 so far, 12:00 by the exchange's clock: 125.674; not a close yet")
    again = make().fetch("AAPL")
    assert again.unfinished == prices.unfinished
    saved = PriceCache(make().home / "prices" / "1d").get("AAPL")
    assert saved
    assert saved.bars.index[-1].date().isoformat() == "2022-12-27"
    assert Prices.from_bytes(prices.to_bytes()).unfinished is None


@slow
def test_in_a_running_session_the_price_so_far_is_asked_for_every_quarter_of_an_hour(server: YahooServer, make: Make) -> None:
    server.clock(datetime(2022, 12, 28, 17, tzinfo=UTC))
    make().fetch("AAPL")
    age(make(), minutes=14)
    sent = len(server.paths)
    make().fetch("AAPL")
    assert len(server.paths) == sent
    age(make(), minutes=2)
    server.clock(datetime(2022, 12, 28, 23, tzinfo=UTC))
    evening = make().fetch("AAPL")
    assert len(server.paths) > sent
    assert (str(evening.days[-1]), evening.unfinished) == ("2022-12-28", None)


@slow
def test_before_the_open_the_bar_of_the_day_before_is_final(server: YahooServer, make: Make) -> None:
    server.clock(datetime(2022, 12, 28, 14, tzinfo=UTC))  # nine in the morning in New York
    prices = make().fetch("AAPL")
    assert str(prices.days[-1]) == "2022-12-27"
    assert prices.fetch_notes == ()


@slow
def test_search_offers_tickers_by_company_name(server: YahooServer, make: Make) -> None:
    assert [(one.symbol, one.name, one.kind) for one in make().search("apple")] == [("AAPL", "Apple", "stock")]
    assert make().search("nothing at all") == make().search(" ") == ()
    server.fault("server_error", on=("/v1/finance/search",))
    with pytest.raises(SourceUnavailable, match="Yahoo answered, but not with"):
        make().search("coca")


@slow
def test_nothing_of_the_client_leaks(server: YahooServer, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    server.fault("server_error")
    with pytest.raises(SourceUnavailable):
        make().fetch("AAPL")
    assert not [record for record in caplog.records if record.name == "yfinance" and record.levelno >= logging.WARNING]
    assert (make().home / "prices" / "yfinance" / "tkr-tz.db").exists()


@slow
def test_another_process_needs_the_environment_only(server: YahooServer, tmp_path: Path) -> None:
    code = "from core.rnn.prices.reader import reader_of; print(len(reader_of('yahoo').fetch('KO').dates))"
    env = {**os.environ, **server.env, "GRIDCAST_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("8313\n", "")
