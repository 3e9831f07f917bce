"""What columns are called: the `ROLES` that a heading can give a column, in the words of those who make such files.

A heading is compared without case, punctuation, angle brackets and what stands in brackets. Some makers add a sentence to it
("Close Close price adjusted for splits."), or a ticker ("AAPL Close", "Close_AAPL", "('Close', 'AAPL')").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.rnn.prices.table.column import Column

DATES = (
    "date", "datum", "day", "tag", "trade date", "trading day", "datetime", "date time", "timestamp", "observation date",
    "time", "zeit", "fecha", "data", "month", "monat", "quarter", "period", "time period",
)  # fmt: skip
TIMES = ("time", "zeit", "uhrzeit", "hora", "heure")  # of day, beside the dates
ADJUSTED_CLOSES = ("adj close", "adjusted close", "adjclose", "close adj", "close adjusted", "adjusted", "adj close price")
CLOSES = (
    "close", "close last", "closing price", "close price", "last", "last price", "px last", "price", "settle",
    "settlement price", "nav", "value", "obs value",
)  # fmt: skip
CLOSES_ELSEWHERE = (
    "schluss", "schlusskurs", "kurs", "letzter", "zuletzt", "wert", "cierre", "ultimo", "último", "clôture", "cloture", "clot",
    "cours", "dernier", "chiusura",
)  # fmt: skip
TICKERS = ("ticker", "symbol", "tickers", "symbols")
EXTRAS = {
    "open": ("open", "opening price", "open price", "eröffnung", "erster", "ouv", "ouverture", "apertura"),
    "high": ("high", "high price", "hoch", "tageshoch", "haut", "plus haut", "máximo"),
    "low": ("low", "low price", "tief", "tagestief", "bas", "plus bas", "mínimo"),
    "volume": ("volume", "vol", "volumen", "volumes", "stuecke", "tickvol"),
}
ROLES = {
    "date": DATES, "time": TIMES, "adjusted": ADJUSTED_CLOSES, "close": CLOSES + CLOSES_ELSEWHERE, "ticker": TICKERS, **EXTRAS,
}  # fmt: skip
_NAMES = {name for names in ROLES.values() for name in names}
_WITH_TICKER = [
    name for role in ("adjusted", "close", "open", "high", "low", "volume") for name in ROLES[role] if len(name) > 2
]
_NO_TICKER = {
    "ADJ",
    "PREV",
    "PREVIOUS",
    "LAST",
    "NET",
    "TOTAL",
    "FIRST",
    "BID",
    "ASK",
    "MID",
    "AVG",
    "DAY",
    "PRICE",
    "INTEREST",
    "OBS",
}
_SENTENCE = re.compile(r"^(adj close|close) .*\b(price|adjusted)\b")  # of a web page's table


def plain(title: str) -> str:
    """A heading without case, punctuation, angle brackets and what stands in brackets."""
    words = " ".join(re.sub(r"\(.*?\)|\[.*?\]|[_\-./*^<>|:]", " ", title.lower()).split())
    match = _SENTENCE.match(words)
    return match[1] if match and words not in _NAMES else words


def is_known(title: str) -> bool:
    """Whether a heading names a role."""
    return plain(title) in _NAMES


def with_ticker(title: str) -> tuple[str, str]:
    """A heading that holds a ticker, as the heading and the ticker; the ticker is empty where it holds none."""
    words = [word for word in re.split(r"[\s_,;:|()'\"]+", title) if word]
    for ticker, rest in ((words[-1], words[:-1]), (words[0], words[1:])) if len(words) > 1 else ():
        unlike_words = plain(ticker) not in _NAMES and ticker == ticker.upper() and ticker.strip(".") not in _NO_TICKER
        if unlike_words and any(map(str.isalpha, ticker)) and plain(" ".join(rest)) in _WITH_TICKER:
            return " ".join(rest), ticker
    return title, ""


def named(columns: Sequence[Column], names: Sequence[str]) -> list[Column]:
    """The columns with the first of some names that there is: several, where several are called so."""
    for name in names:
        if found := [column for column in columns if plain(column.name) == name]:
            return found
    return []
