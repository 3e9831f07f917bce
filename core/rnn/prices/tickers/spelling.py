"""Tickers as people write them, and how Yahoo writes them: a row a way of writing.

BRK.B, BRK/B → BRK-B; EUR/USD → EURUSD=X; BTCUSDT → BTC-USD; CL1! → CL=F; SPX, DAX → ^GSPC, ^GDAXI; NASDAQ:AAPL, AAPL.US → AAPL.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.rnn.prices.calendars import BY_EXCHANGE
from core.rnn.prices.table.numbers import CURRENCIES

_COINS = {
    "BTC", "ETH", "SOL", "XRP", "BNB", "ADA", "DOGE", "LTC", "DOT", "AVAX", "LINK", "BCH", "XLM", "TRX", "XMR", "ETC", "ATOM",
}  # fmt: skip
_INDICES = {
    "SPX": "^GSPC", "SP500": "^GSPC", "S&P500": "^GSPC", "INX": "^GSPC", "GSPC": "^GSPC", "DJI": "^DJI", "DJIA": "^DJI",
    "DOW": "^DJI", "NDX": "^NDX", "NASDAQ100": "^NDX", "COMP": "^IXIC", "IXIC": "^IXIC", "NASDAQ": "^IXIC", "RUT": "^RUT",
    "VIX": "^VIX", "DAX": "^GDAXI", "DAX40": "^GDAXI", "GDAXI": "^GDAXI", "MDAX": "^MDAXI", "FTSE": "^FTSE", "UKX": "^FTSE",
    "FTSE100": "^FTSE", "CAC": "^FCHI", "CAC40": "^FCHI", "FCHI": "^FCHI", "STOXX50": "^STOXX50E", "STOXX50E": "^STOXX50E",
    "SX5E": "^STOXX50E", "SMI": "^SSMI", "IBEX": "^IBEX", "IBEX35": "^IBEX", "N225": "^N225", "NIKKEI": "^N225", "NKY": "^N225",
    "HSI": "^HSI", "NIFTY": "^NSEI", "NIFTY50": "^NSEI", "SENSEX": "^BSESN", "TNX": "^TNX",
}  # fmt: skip
_EXCHANGES = {
    "NASDAQ": "", "NYSE": "", "NYSEARCA": "", "AMEX": "", "ARCA": "", "BATS": "", "US": "", "LON": ".L", "LSE": ".L",
    "ETR": ".DE", "XETRA": ".DE", "XETR": ".DE", "FRA": ".F", "EPA": ".PA", "AMS": ".AS", "EBR": ".BR", "BIT": ".MI",
    "BME": ".MC", "SWX": ".SW", "VIE": ".VI", "STO": ".ST", "CPH": ".CO", "HEL": ".HE", "TSX": ".TO", "TYO": ".T",
    "TSE": ".T", "HKG": ".HK", "HKEX": ".HK", "ASX": ".AX", "NSE": ".NS", "BSE": ".BO",
}  # fmt: skip  # as others name them, and how tickers there end at Yahoo


@dataclass(frozen=True)
class Spelling:
    """What a way of writing looks like, and Yahoo's, "" where it is none after all. `sure`: no ticker of Yahoo looks so."""

    title: str
    pattern: re.Pattern[str]
    at_yahoo: Callable[[re.Match[str]], str]
    sure: bool = False


def _share(found: re.Match[str]) -> str:
    """BRK.B; but VOD.L and SAP.F are tickers of London and Frankfurt."""
    return "" if found[2] == "." and f".{found[3]}" in BY_EXCHANGE else f"{found[1]}-{found[3]}"


def _currencies(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}=X" if {found[1], found[2]} <= CURRENCIES else ""


def _coin(found: re.Match[str]) -> str:
    return f"{found[1]}-{(found[2] or 'USD').replace('USDT', 'USD')}" if found[1] in _COINS else ""


def _listed(found: re.Match[str]) -> str:
    if found[1] not in _EXCHANGES:
        return ""
    inner = spelled(found[2])
    return f"{inner[0] if inner else found[2]}{_EXCHANGES[found[1]]}"


SPELLINGS = (
    Spelling("class of shares", re.compile(r"([A-Z]{1,5})([./ ])([A-Z])"), _share, sure=True),
    Spelling("coin", re.compile(r"([A-Z]{3,5})[/ -]?(USDT|USD|EUR|GBP)?"), _coin),
    Spelling("pair of currencies", re.compile(r"([A-Z]{3})[/ -]?([A-Z]{3})"), _currencies),
    Spelling("future", re.compile(r"/?([A-Z]{1,3})(1!|1)|/([A-Z]{1,3})"), lambda found: f"{found[1] or found[3]}=F"),
    Spelling("index", re.compile(r"[.$^]?([A-Z&0-9]{3,9})(?:\.INDX)?"), lambda found: _INDICES.get(found[1], "")),
    Spelling("exchange in front", re.compile(r"([A-Z]{2,8}):([A-Z0-9./-]{1,10})"), _listed, sure=True),
    Spelling("country behind", re.compile(r"([A-Z]{1,5})[. ]US( EQUITY)?"), lambda found: found[1], sure=True),
)


def spelled(text: str, sure: bool = False) -> tuple[str, ...]:
    """Yahoo's way of a ticker that is written in one of `SPELLINGS`, the likeliest first; only the sure ones, if asked."""
    tidied = " ".join(text.strip().upper().split())
    ways = [way for way in SPELLINGS if way.sure or not sure]
    written = [way.at_yahoo(found) for way in ways if (found := way.pattern.fullmatch(tidied))]
    return tuple(dict.fromkeys(symbol for symbol in written if symbol and symbol != tidied))
