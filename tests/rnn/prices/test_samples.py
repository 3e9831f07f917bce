from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.errors import UnknownTicker
from core.rnn.prices import samples
from core.rnn.prices.notes import caption_of, notes_of
from core.rnn.prices.reader import reader_of

END = date(2018, 12, 31)


def test_every_ticker_has_a_name_and_prices() -> None:
    assert len(samples.tickers()) == 27
    for symbol, name in samples.tickers().items():
        prices = samples.fetch(symbol)
        assert (prices.symbol, prices.name, prices.source) == (symbol, name, "sample")
        assert len(prices.dates) > 2000


def test_known_closes_stand_where_they_should() -> None:
    apple = samples.fetch(" aapl ")
    assert (str(apple.days[0]), apple.close[0]) == ("1990-01-02", 0.264)
    assert (str(apple.days[-1]), apple.close[-1]) == ("2022-12-28", 125.674)
    assert samples.fetch("^GSPC").between(date(2008, 10, 15), date(2008, 10, 15)).close[0] == pytest.approx(907.84)
    assert samples.fetch("MTUM").days[0] == np.datetime64("2014-01-02")


def test_caption_names_the_table_and_the_meaning_of_a_close() -> None:
    words = "shipped sample (skfolio) · 2 Jan 1990 to 28 Dec 2022 · closes adjusted for dividends and splits"
    assert caption_of(samples.fetch("AAPL")) == f"AAPL · {words}"
    assert caption_of(samples.fetch("^IXIC")).endswith(
        "(arch) · 4 Jan 1999 to 31 Dec 2018 · index level, dividends not counted"
    )


def test_survivors_and_missing_bars_are_told() -> None:
    assert notes_of(samples.fetch("AAPL")) == ("closes only", samples.SURVIVORSHIP)
    assert notes_of(samples.fetch("^GSPC")) == ("open, high, low and volume only from 4 Jan 1999 to 31 Dec 2018",)


def test_the_index_has_real_bars_in_its_middle_years_only() -> None:
    index = samples.fetch("^GSPC")
    inside = index.between(date(1999, 1, 4), END)
    assert np.isfinite(inside.high).all()
    assert (inside.low <= inside.close + 1e-3).all()
    assert (inside.close <= inside.high + 1e-3).all()
    assert np.isnan(index.high).sum() == len(index.dates) - len(inside.dates)
    assert not index.between(end=date(1998, 12, 31)).has_ranges


def test_both_tables_of_the_index_agree_on_the_closes() -> None:
    long, bars = samples.fetch("^GSPC").between(date(1999, 1, 4), END), samples._table("gspc_ohlcv_1999_2018")
    assert np.abs(long.close - bars["Close"].to_numpy()).max() < 2e-4


def test_equal_samples_have_equal_digests() -> None:
    assert samples.fetch("KO").digest == samples.fetch("ko").digest != samples.fetch("PEP").digest


@pytest.mark.parametrize(
    ("symbol", "hint"),
    [
        ("APPL", "did you mean AAPL"),
        ("coca", "did you mean KO"),
        ("GSPC", r"did you mean \^GSPC"),
        ("ZZZZ", r"it has \^GSPC, "),
    ],
)
def test_an_unknown_ticker_is_told_with_what_there_is(symbol: str, hint: str) -> None:
    with pytest.raises(UnknownTicker, match=f"the sample source has 27 tickers, and '{symbol}' is not among.*{hint}"):
        samples.fetch(symbol)


def test_search_finds_symbols_and_names() -> None:
    assert [hit.symbol for hit in samples.search("apple")] == ["AAPL"]
    assert samples.search("m")[0].symbol in {"MRK", "MSFT", "MTUM"}
    assert {hit.kind for hit in samples.search("s")} == {"stock", "index", "fund"}
    assert samples.search("") == []


def test_sample_is_a_source() -> None:
    assert reader_of("sample").fetch("KO").name == "Coca-Cola"
