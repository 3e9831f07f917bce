"""The prices that ship with the lab: real, offline, the same for everybody. Sources and licences: data/SOURCES.md."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from core.errors import UnknownTicker
from core.rnn.prices.bar_sizes import BarSize
from core.rnn.prices.prices import ADJUSTED, INDEX_LEVEL, Prices
from core.rnn.prices.reader import Listing, Reader
from core.system.dates import say_day

FOLDER = Path(__file__).parents[1] / "data"
COMPANIES = {
    "AAPL": "Apple",
    "AMD": "Advanced Micro Devices",
    "BAC": "Bank of America",
    "BBY": "Best Buy",
    "CVX": "Chevron",
    "GE": "General Electric",
    "HD": "Home Depot",
    "JNJ": "Johnson & Johnson",
    "JPM": "JPMorgan Chase",
    "KO": "Coca-Cola",
    "LLY": "Eli Lilly",
    "MRK": "Merck",
    "MSFT": "Microsoft",
    "PEP": "PepsiCo",
    "PFE": "Pfizer",
    "PG": "Procter & Gamble",
    "RRC": "Range Resources",
    "UNH": "UnitedHealth",
    "WMT": "Walmart",
    "XOM": "Exxon Mobil",
}
FUNDS = {
    "MTUM": "iShares MSCI USA Momentum Factor ETF",
    "QUAL": "iShares MSCI USA Quality Factor ETF",
    "SIZE": "iShares MSCI USA Size Factor ETF",
    "USMV": "iShares MSCI USA Min Vol Factor ETF",
    "VLUE": "iShares MSCI USA Value Factor ETF",
}
INDICES = {"^GSPC": "S&P 500", "^IXIC": "NASDAQ Composite"}
GROUPS = {"Indices": INDICES, "Companies": COMPANIES, "Factor funds": FUNDS}
SURVIVORS = "one of twenty companies chosen with today's eyes: survivors"  # in the bytes of prices, so it stays
SURVIVORSHIP = (  # the same as people read it
    "one of twenty companies that were chosen because they still exist today, so their past looks better than that of all "
    "companies (survivorship bias)"
)


def tickers() -> dict[str, str]:
    """Every shipped ticker with the name of the company, index or fund, indices first."""
    return INDICES | COMPANIES | FUNDS


@cache
def _table(name: str) -> pd.DataFrame:
    """A shipped table, indexed by day. Read once per process; do not write into it."""
    return pd.read_csv(FOLDER / f"{name}.csv.gz", index_col="Date", parse_dates=True)


def _days(table: pd.DataFrame) -> np.ndarray:
    return table.index.to_numpy().astype("datetime64[D]")


def _closes(table: str, symbol: str, facts: tuple[str, ...] = ()) -> Prices:
    closes = _table(table)
    return Prices(
        symbol=symbol,
        name=tickers()[symbol],
        source="sample",
        origin="shipped sample (skfolio)",
        currency="USD",
        basis=ADJUSTED,
        dates=_days(closes),
        close=closes[symbol].to_numpy(),
        facts=facts,
    )


def _index(symbol: str) -> Prices:
    """^IXIC is one table. ^GSPC has closes 1990–2022 and, inside them, real open, high, low and volume 1999–2018."""
    bars = _table({"^GSPC": "gspc_ohlcv_1999_2018", "^IXIC": "ixic_ohlcv_1999_2018"}[symbol])
    tables, facts = "arch", tuple[str, ...]()
    if symbol == "^GSPC":
        first, last = say_day(bars.index[0].date()), say_day(bars.index[-1].date())
        bars = bars.reindex(_table("gspc_close_1990_2022").index)
        bars["Close"] = _table("gspc_close_1990_2022")["SP500"]
        tables, facts = "skfolio, arch", (f"open, high, low and volume only from {first} to {last}",)
    return Prices(
        symbol=symbol,
        name=INDICES[symbol],
        source="sample",
        origin=f"shipped sample ({tables})",
        basis=INDEX_LEVEL,
        dates=_days(bars),
        close=bars["Close"].to_numpy(),
        open=bars["Open"].to_numpy(),
        high=bars["High"].to_numpy(),
        low=bars["Low"].to_numpy(),
        volume=bars["Volume"].to_numpy(),
        facts=facts,
    )


def _kind(symbol: str) -> str:
    return "index" if symbol in INDICES else "fund" if symbol in FUNDS else "stock"


def search(words: str) -> list[Listing]:
    """Shipped tickers whose symbol and name hold all of the words, else those that look alike; best first."""
    words = words.strip().upper()
    fitting = [s for s, name in tickers().items() if words and all(word in f"{s} {name.upper()}" for word in words.split())]
    alike = [] if fitting else get_close_matches(words, tickers(), n=3, cutoff=0.5)
    best_first = sorted(fitting, key=lambda symbol: not symbol.startswith(words)) or alike
    return [Listing(symbol, tickers()[symbol], _kind(symbol)) for symbol in best_first]


def _unknown(symbol: str) -> str:
    """The sentence for a ticker that is not shipped."""
    near = [hit.symbol for hit in search(symbol)[:3]]
    hint = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(tickers())}"
    return f"the sample source has {len(tickers())} tickers, and {symbol!r} is not among them; {hint}"


def fetch(symbol: str) -> Prices:
    """The whole shipped history of a ticker; UnknownTicker, with tickers that look alike, when it is not shipped.

    >>> from core.rnn.prices.samples import fetch
    >>> prices = fetch("ko")
    >>> prices.symbol, len(prices.close), prices.days[0].astype("datetime64[s]").astype("datetime64[D]")
    ('KO', 8313, np.datetime64('1990-01-02'))
    """
    typed, symbol = symbol.strip(), symbol.strip().upper()
    if symbol in COMPANIES:
        return _closes("us20_adjusted_close_1990_2022", symbol, (SURVIVORS,))
    if symbol in FUNDS:
        return _closes("factor_etfs_adjusted_close_2014_2022", symbol)
    if symbol in INDICES:
        return _index(symbol)
    raise UnknownTicker(_unknown(typed), tuple(hit.symbol for hit in search(symbol)[:3]))


class Samples(Reader):
    """The shipped prices as a source."""

    name = "sample"
    groups = GROUPS
    panel = tuple(COMPANIES)

    def history(self, symbol: str, bar_size: BarSize) -> Prices:
        return fetch(symbol)

    def search(self, words: str) -> list[Listing]:
        return search(words)
