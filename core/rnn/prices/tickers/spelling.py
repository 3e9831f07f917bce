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


def _share(match: re.Match[str]) -> str:
    """BRK.B; but VOD.L and SAP.F are tickers of London and Frankfurt."""
    return "" if match[2] == "." and f".{match[3]}" in BY_EXCHANGE else f"{match[1]}-{match[3]}"


def _currencies(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}=X" if {match[1], match[2]} <= CURRENCIES else ""


def _coin(match: re.Match[str]) -> str:
    return f"{match[1]}-{(match[2] or 'USD').replace('USDT', 'USD')}" if match[1] in _COINS else ""


def _listed(match: re.Match[str]) -> str:
    if match[1] not in _EXCHANGES:
        return ""
    inner = spelled(match[2])
    return f"{inner[0] if inner else match[2]}{_EXCHANGES[match[1]]}"


SPELLINGS = (
    Spelling("class of shares", re.compile(r"([A-Z]{1,5})([./ ])([A-Z])"), _share, sure=True),
    Spelling("coin", re.compile(r"([A-Z]{3,5})[/ -]?(USDT|USD|EUR|GBP)?"), _coin),
    Spelling("pair of currencies", re.compile(r"([A-Z]{3})[/ -]?([A-Z]{3})"), _currencies),
    Spelling("future", re.compile(r"/?([A-Z]{1,3})(1!|1)|/([A-Z]{1,3})"), lambda match: f"{match[1] or match[3]}=F"),
    Spelling("index", re.compile(r"[.$^]?([A-Z&0-9]{3,9})(?:\.INDX)?"), lambda match: _INDICES.get(match[1], "")),
    Spelling("exchange in front", re.compile(r"([A-Z]{2,8}):([A-Z0-9./-]{1,10})"), _listed, sure=True),
    Spelling("country behind", re.compile(r"([A-Z]{1,5})[. ]US( EQUITY)?"), lambda match: match[1], sure=True),
)


def spelled(text: str, sure: bool = False) -> tuple[str, ...]:
    """Yahoo's way of a ticker that is written in one of `SPELLINGS`, the likeliest first; only the sure ones, if asked."""
    tidied = " ".join(text.strip().upper().split())
    ways = [way for way in SPELLINGS if way.sure or not sure]
    written = [way.at_yahoo(match) for way in ways if (match := way.pattern.fullmatch(tidied))]
    return tuple(dict.fromkeys(symbol for symbol in written if symbol and symbol != tidied))
