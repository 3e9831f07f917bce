"""Prices from Yahoo Finance, asked through yfinance: the only file that knows either.

yfinance tells most troubles as an empty table "possibly delisted". Here every question ends in bars or in a refusal: the reason
in one sentence. Prices once fetched are saved; when Yahoo fails they are used, with their date. A failure never touches them.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from core.errors import InvalidRequest, NoData, RateLimited, SourceUnavailable, UnknownTicker
from core.rnn.prices.bar_sizes import BAR_SIZES, BarSize
from core.rnn.prices.prices import Listing, Prices
from core.rnn.prices.yahoo_answer import history_of
from core.rnn.prices.yahoo_cache import Shelf
from core.rnn.prices.yahoo_history import REACH, History
from core.rnn.prices.yahoo_limits import INSTEAD, Patience, Refusal
from core.rnn.words import say_day

T = TypeVar("T")

TICKER = re.compile(r"[A-Z0-9.^=&-]{1,20}")
TIMEOUT = 10  # seconds for one HTTP request
DEADLINE = 25  # seconds for everything one question needs, cookies included
BELIEVED = timedelta(days=7)  # so long saved prices are preferred to an answer with holes
FEW = 5  # bars that Yahoo may take back
SPELLING = "look for it by the company's name"
_KINDS = {"EQUITY": "stock", "ETF": "fund", "MUTUALFUND": "fund", "INDEX": "index", "CRYPTOCURRENCY": "crypto"}
_PATIENCE = Patience()


class Refused(Exception):
    """Carries a refusal up to where it is told."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.cause)
        self.refusal = refusal


class Yahoo:
    """A source of prices: Yahoo Finance, with what it said before saved below `home`."""

    def __init__(self, home: Path, deadline: float = DEADLINE, patience: Patience = _PATIENCE) -> None:
        self.home = home
        self.deadline = deadline  # seconds
        self.patience = patience  # by default shared by the process: Yahoo counts requests by address

    def fetch(self, symbol: str, bar_size: BarSize = "1d") -> Prices:
        """All settled prices of a ticker: the saved ones until another session has ended, else asked anew, the whole history.

        Weeks are made of days, because Yahoo's own are adjusted wrongly. InvalidRequest when it cannot be a ticker; a
        PriceError when Yahoo gives no prices and none were saved.
        """
        if bar_size == "1wk":
            return self.fetch(symbol).weekly()
        asked, symbol = _now(), tidy(symbol)
        shelf = Shelf(self.home / "prices" / bar_size)
        with shelf.lock(symbol):
            saved = shelf.get(symbol)
            if saved and asked < saved.due:
                return saved.prices()
            try:
                history, notes = self._ask(symbol, bar_size, asked)
                notes += _checked(history, saved)
            except Refused as refused:
                if saved is None:
                    raise refused.refusal.error() from refused
                day = say_day(saved.about.fetched_at.date())
                return saved.prices(f"prices saved {day}, because {refused.refusal.cause}")
            history = history.like(saved) if saved else history
            prices = history.prices(*notes)
            shelf.put(history)
            return prices

    def search(self, words: str) -> tuple[Listing, ...]:
        """Tickers that Yahoo offers for some words, best first; a PriceError when it cannot be asked."""
        words = words.strip()
        try:
            return self._patiently(lambda client: _search(client, words)) if words else ()
        except Refused as refused:
            raise refused.refusal.error() from refused

    def _ask(self, symbol: str, bar_size: BarSize, asked: datetime) -> tuple[History, tuple[str, ...]]:
        """The bars of a ticker. Whoever waited while somebody else was refused is refused too, without asking again."""
        if refusal := self.patience.recall(symbol, asked, _now()):
            raise Refused(refusal)
        try:
            return self._patiently(lambda client: _history(client, symbol, bar_size))
        except Refused as refused:
            self.patience.remember(symbol, refused.refusal, _now())
            raise

    def _patiently(self, question: Callable[[ModuleType], T]) -> T:
        """Put a question to Yahoo unless it asked us to wait; remember whether it does so now. Raises Refused."""
        if until := self.patience.until(_now()):
            raise Refused(_limited(until))
        client = _client(self.home / "prices" / "yfinance")
        try:
            answer = _within(self.deadline, lambda: question(client))
        except _troubles(client) as error:
            client.data.YfData.cache_get.cache_clear()  # else a bad answer is given again until the process ends
            if _asks_to_wait(client, error):
                raise Refused(_limited(self.patience.slow_down(_now()))) from error
            raise Refused(_judge(error)) from error
        self.patience.answered()
        return answer


def tidy(symbol: str) -> str:
    """A ticker as Yahoo writes it; InvalidRequest when it cannot be one."""
    tidied = symbol.strip().upper()
    if not TICKER.fullmatch(tidied):
        raise InvalidRequest(f"{symbol!r} cannot be a ticker at Yahoo; tickers look like AAPL, BRK-B, ^GSPC, BTC-USD or SAP.DE")
    return tidied


@cache
def _client(caches: Path) -> ModuleType:
    """yfinance, told to raise what goes wrong, to keep quiet about it, and to keep its caches in our folder."""
    import yfinance

    warnings.filterwarnings("ignore", category=DeprecationWarning, module="^yfinance")  # after its own filter
    logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)  # what it logs, it also raises
    yfinance.set_tz_cache_location(str(caches))
    yfinance.config.debug.hide_exceptions = False
    return yfinance


def _history(client: ModuleType, symbol: str, bar_size: BarSize) -> tuple[History, tuple[str, ...]]:
    """Every settled bar that Yahoo has, and what was left out. The end is always now: only such answers are never stale."""
    ticker = client.Ticker(symbol)
    how = {"interval": bar_size, "auto_adjust": False, "actions": True, "keepna": True, "timeout": TIMEOUT}
    try:
        bars = ticker.history(REACH.get(bar_size, "max"), **how)
    except _troubles(client) as error:
        if _says_unknown(client, error):
            raise Refused(_unknown_or_silent(client, symbol)) from error
        if isinstance(error, client.exceptions.YFPricesMissingError) and _has_none(ticker, error.yahoo_reason or ""):
            raise Refused(_nothing(symbol, bar_size)) from error
        raise
    history, notes = history_of(symbol, bar_size, bars, ticker.history_metadata, _now())
    if history.known.empty:
        raise Refused(_nothing(symbol, bar_size))
    return history, notes


def _checked(history: History, saved: History | None) -> tuple[str, ...]:
    """What changed since the saved history, whose bars this one overlaps.

    Refused when it lacks the latest bar or more than a few, or a split since is not adjusted for: such answers were seen to
    last for hours. After a week Yahoo seems to mean it.
    """
    split = history.unadjusted_split()
    told = (f"Yahoo has not adjusted earlier prices for {split}",) if split else ()
    if saved is None:
        return told
    if history.about.fetched_at < saved.about.fetched_at + BELIEVED:
        lost = len(saved.missing_in(history))
        if lost > FEW or history.known.index[-1] < saved.known.index[-1]:
            bars = ("day" if history.about.bar_size == "1d" else "bar") + "s" * (lost > 1)
            raise Refused(Refusal(SourceUnavailable, f"Yahoo's answer lacks {lost:,} {bars} that it gave before"))
        if split and split != saved.unadjusted_split():
            raise Refused(Refusal(SourceUnavailable, *told))
    return told + history.news_since(saved)


def _search(client: ModuleType, words: str) -> tuple[Listing, ...]:
    """What Yahoo's search offers. KeyError when its answer is none: the client would call that no match."""
    quotes = client.Search(words, max_results=8, news_count=0, lists_count=0, timeout=TIMEOUT).response["quotes"]
    found = [quote for quote in quotes if "symbol" in quote]
    return tuple(
        Listing(q["symbol"], q.get("longname") or q.get("shortname") or "", _kind(q), q.get("exchDisp") or "") for q in found
    )


def _kind(quote: Mapping[str, Any]) -> str:
    kind = quote.get("quoteType") or ""
    return _KINDS.get(kind, kind.lower())


def _troubles(client: ModuleType) -> tuple[type[Exception], ...]:
    """Everything that Yahoo's answers were seen to end in, inside its client or here."""
    return (Refused, client.exceptions.YFException, OSError, ValueError, LookupError, TypeError, AttributeError)


def _status(error: Exception) -> int | None:
    """The HTTP status behind an error; None where there was no answer."""
    from curl_cffi.requests.exceptions import HTTPError

    return error.response.status_code if isinstance(error, HTTPError) and error.response is not None else None


def _asks_to_wait(client: ModuleType, error: Exception) -> bool:
    return isinstance(error, client.exceptions.YFRateLimitError) or _status(error) == 429


def _says_unknown(client: ModuleType, error: Exception) -> bool:
    """Whether the client takes the ticker for unknown. It often does without reason: search has the last word."""
    if isinstance(error, client.exceptions.YFPricesMissingError):
        return "may be delisted" in (error.yahoo_reason or "")
    return _status(error) == 404 or isinstance(error, client.exceptions.YFTzMissingError)


def _unknown_or_silent(client: ModuleType, symbol: str) -> Refusal:
    """Unknown, if search knows others but not this one; else Yahoo only keeps its prices to itself right now."""
    offers = _search(client, symbol)
    if any(offer.symbol.upper() == symbol for offer in offers):
        return Refusal(
            SourceUnavailable, f"Yahoo lists {symbol} but gives no prices right now", f"try again later, or {INSTEAD}"
        )
    near = " or ".join(f"{offer.symbol} ({offer.name})" for offer in offers[:3])
    return Refusal(UnknownTicker, f"Yahoo has no ticker {symbol}", f"did you mean {near}?" if near else SPELLING)


def _has_none(ticker: Any, reason: str) -> bool:
    """Whether an answer without bars means that there are none: Yahoo says so, or tells of the ticker all the same."""
    if any(words in reason for words in ("Data doesn't exist", "start date cannot be after", "must be within the last")):
        return True
    try:
        return "firstTradeDate" in ticker.history_metadata
    except ValueError:  # the client cannot read a list of no sessions
        return True


def _nothing(symbol: str, bar_size: BarSize) -> Refusal:
    cause = f"Yahoo lists {symbol} but has no {BAR_SIZES[bar_size]} prices for it"
    return Refusal(NoData, cause, "choose another ticker" if bar_size == "1d" else "choose daily prices or another ticker")


def _limited(until: datetime) -> Refusal:
    when = f"{until.astimezone():%H:%M}"
    return Refusal(RateLimited, f"Yahoo asks us to wait until {when}", f"try again then; {INSTEAD}", until)


def _judge(error: Exception) -> Refusal:
    """What to say of an error that says nothing about the ticker."""
    if isinstance(error, Refused):
        return error.refusal
    if isinstance(error, TimeoutError):
        return Refusal(SourceUnavailable, "Yahoo did not answer in time", f"try again, or {INSTEAD}")
    if isinstance(error, OSError) and _status(error) is None and not isinstance(error, json.JSONDecodeError):
        return Refusal(SourceUnavailable, "there is no connection to Yahoo", f"check the network, or {INSTEAD}")
    return Refusal(SourceUnavailable, "Yahoo answered, but not with prices", f"try again later, or {INSTEAD}")


def _within(seconds: float, call: Callable[[], T]) -> T:
    """What a call returns or raises; TimeoutError when it takes longer. The client's own timeouts leave out its cookies."""
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
            answer.set_exception(error)

    threading.Thread(target=work, name="yahoo", daemon=True).start()
    return answer.result(seconds)


def _now() -> datetime:
    return datetime.now(UTC)
