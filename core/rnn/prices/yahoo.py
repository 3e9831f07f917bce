"""Prices from Yahoo Finance through yfinance, which no other file imports.

yfinance reports most faults as an empty table, "possibly delisted". Here every request ends in bars or in a `Refusal` with its
reason in one sentence. Fetched prices are saved; when Yahoo fails they are used, with their date. A failure never changes them.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
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
from core.rnn.prices.prices import Prices
from core.rnn.prices.reader import Listing, Reader
from core.rnn.prices.tickers.spelling import spelled
from core.rnn.prices.yahoo_cache import PriceCache
from core.rnn.prices.yahoo_history import HISTORY_LIMITS, History, history_of
from core.rnn.prices.yahoo_limits import INSTEAD, LIMITER, RateLimiter, Refusal
from core.settings import settings
from core.system.dates import say_day
from core.system.events import event

T = TypeVar("T")
TICKER = re.compile(r"[A-Z0-9.^=&-]{1,20}")
TIMEOUT = 10  # seconds for one HTTP request
DEADLINE = 25  # seconds for all requests of one call, cookies included
HOLES_ACCEPTED_AFTER = timedelta(days=7)  # until then, saved prices are preferred to an answer with holes
MOST_LOST = 5  # bars that Yahoo may take back
SPELLING = "look for it by the company's name"
_KINDS = {"EQUITY": "stock", "ETF": "fund", "MUTUALFUND": "fund", "INDEX": "index", "CRYPTOCURRENCY": "crypto"}


class Refused(Exception):
    """Raised inside this file; public methods turn its refusal into a PriceError."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.cause)
        self.refusal = refusal


@cache
def _client(caches: Path) -> ModuleType:
    """yfinance, set to raise errors, not to log them, and to keep its caches in our folder."""
    import yfinance

    warnings.filterwarnings("ignore", category=DeprecationWarning, module="^yfinance")  # after its own filter
    logging.getLogger("yfinance").setLevel(logging.CRITICAL + 1)  # what it logs, it also raises
    yfinance.set_tz_cache_location(str(caches))
    yfinance.config.debug.hide_exceptions = False
    return yfinance


def _now() -> datetime:
    return datetime.now(UTC)


def tidy(symbol: str) -> str:
    """A ticker as Yahoo writes it; UnknownTicker where Yahoo surely writes it otherwise, InvalidRequest where it is none."""
    tidied = symbol.strip().upper()
    can_be = TICKER.fullmatch(tidied) is not None
    if known := spelled(tidied, sure=can_be):
        raise UnknownTicker(f"Yahoo writes {tidied} as {known[0]}; ask for {known[0]}", known)
    if not can_be:
        raise InvalidRequest(f"{symbol!r} cannot be a ticker at Yahoo; tickers look like AAPL, BRK-B, ^GSPC, BTC-USD or SAP.DE")
    return tidied


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


def _client_errors(client: ModuleType) -> tuple[type[Exception], ...]:
    """Every error that an answer of Yahoo has led to, inside its client or here."""
    return (Refused, client.exceptions.YFException, OSError, ValueError, LookupError, TypeError, AttributeError)


def _checked(history: History, saved: History | None) -> tuple[str, ...]:
    """Notes on what changed since the saved history.

    Refused when the new one lacks the latest bar or more than a few, or does not adjust for a later split: Yahoo's
    answers sometimes are like that for hours. After a week the answer is accepted.
    """
    split = history.unadjusted_split()
    notes = (f"Yahoo has not adjusted earlier prices for {split}",) if split else ()
    if saved is None:
        return notes
    if history.about.fetched_at < saved.about.fetched_at + HOLES_ACCEPTED_AFTER:
        lost = len(saved.missing_in(history))
        if lost > MOST_LOST or history.priced.index[-1] < saved.priced.index[-1]:
            bars = ("day" if history.about.bar_size == "1d" else "bar") + "s" * (lost > 1)
            raise Refused(Refusal(SourceUnavailable, f"Yahoo's answer lacks {lost:,} {bars} that it gave before"))
        if split and split != saved.unadjusted_split():
            raise Refused(Refusal(SourceUnavailable, *notes))
    return notes + history.news_since(saved)


def _limited(until: datetime) -> Refusal:
    when = f"{until.astimezone():%H:%M}"
    return Refusal(RateLimited, f"Yahoo asks us to wait until {when}", f"try again then; {INSTEAD}", until)


def _status(error: Exception) -> int | None:
    """The HTTP status behind an error; None where there was no answer."""
    from curl_cffi.requests.exceptions import HTTPError

    return error.response.status_code if isinstance(error, HTTPError) and error.response is not None else None


def _asks_to_wait(client: ModuleType, error: Exception) -> bool:
    return isinstance(error, client.exceptions.YFRateLimitError) or _status(error) == 429


def _says_unknown(client: ModuleType, error: Exception) -> bool:
    """Whether the client takes the ticker for unknown. It often does without reason, so search decides."""
    if isinstance(error, client.exceptions.YFPricesMissingError):
        return "may be delisted" in (error.yahoo_reason or "")
    return _status(error) == 404 or isinstance(error, client.exceptions.YFTzMissingError)


def _nothing(symbol: str, bar_size: BarSize) -> Refusal:
    cause = f"Yahoo lists {symbol} but has no {BAR_SIZES[bar_size]} prices for it"
    return Refusal(NoData, cause, "choose another ticker" if bar_size == "1d" else "choose daily prices or another ticker")


def _has_none(ticker: Any, reason: str) -> bool:
    """Whether an answer without bars means that there are none: Yahoo says so, or tells of the ticker all the same."""
    if any(words in reason for words in ("Data doesn't exist", "start date cannot be after", "must be within the last")):
        return True
    try:
        return "firstTradeDate" in ticker.history_metadata
    except ValueError:  # the client cannot read a list of no sessions
        return True


def _name(quote: Mapping[str, Any]) -> str:
    return quote.get("longname") or quote.get("shortname") or ""


def _kind(quote: Mapping[str, Any]) -> str:
    kind = quote.get("quoteType") or ""
    return _KINDS.get(kind, kind.lower())


def _search(client: ModuleType, words: str) -> tuple[Listing, ...]:
    """What Yahoo's search offers. KeyError when its answer is none: the client would call that no match."""
    quotes = client.Search(words, max_results=8, news_count=0, lists_count=0, timeout=TIMEOUT).response["quotes"]
    return tuple(
        Listing(quote["symbol"], _name(quote), _kind(quote), quote.get("exchDisp") or "")
        for quote in quotes
        if "symbol" in quote
    )


def _unknown_or_silent(client: ModuleType, symbol: str) -> Refusal:
    """Unknown if search does not list the ticker; else Yahoo gives no prices right now."""
    offers = _search(client, symbol)
    if any(offer.symbol.upper() == symbol for offer in offers):
        return Refusal(
            SourceUnavailable, f"Yahoo lists {symbol} but gives no prices right now", f"try again later, or {INSTEAD}"
        )
    found = {offer.symbol: f"{offer.symbol} ({offer.name})" for offer in offers[:3]}
    near = {written: found.get(written, written) for written in spelled(symbol)} | found
    advice = f"did you mean {' or '.join(list(near.values())[:3])}?" if near else SPELLING
    return Refusal(UnknownTicker, f"Yahoo has no ticker {symbol}", advice, suggestions=tuple(near)[:3])


def _history(client: ModuleType, symbol: str, bar_size: BarSize) -> tuple[History, tuple[str, ...]]:
    """Every settled bar that Yahoo has, and what was left out. The end is always now: only such answers are never stale."""
    ticker = client.Ticker(symbol)
    how = {"interval": bar_size, "auto_adjust": False, "actions": True, "keepna": True, "timeout": TIMEOUT}
    try:
        bars = ticker.history(HISTORY_LIMITS.get(bar_size, "max"), **how)
    except _client_errors(client) as error:
        if _says_unknown(client, error):
            raise Refused(_unknown_or_silent(client, symbol)) from error
        if isinstance(error, client.exceptions.YFPricesMissingError) and _has_none(ticker, error.yahoo_reason or ""):
            raise Refused(_nothing(symbol, bar_size)) from error
        raise
    history, notes = history_of(symbol, bar_size, bars, ticker.history_metadata, _now())
    if history.priced.empty:
        raise Refused(_nothing(symbol, bar_size))
    return history, notes


def _refusal_of(error: Exception) -> Refusal:
    """The refusal for an error that says nothing about the ticker."""
    if isinstance(error, Refused):
        return error.refusal
    if isinstance(error, TimeoutError):
        return Refusal(SourceUnavailable, "Yahoo did not answer in time", f"try again, or {INSTEAD}")
    if isinstance(error, OSError) and _status(error) is None and not isinstance(error, json.JSONDecodeError):
        return Refusal(SourceUnavailable, "there is no connection to Yahoo", f"check the network, or {INSTEAD}")
    return Refusal(SourceUnavailable, "Yahoo answered, but not with prices", f"try again later, or {INSTEAD}")


def _note(outcome: str, began: float, level: int = logging.INFO) -> None:
    """That Yahoo was asked, and what came of it: "answered", or the kind of error."""
    event("yahoo", {"outcome": outcome, "seconds": time.monotonic() - began}, level)


class Yahoo(Reader):
    """Yahoo Finance as a source; its answers are kept below `home`."""

    name = "yahoo"

    def __init__(self, home: Path | None = None, deadline: float = DEADLINE, limiter: RateLimiter = LIMITER) -> None:
        self.home = home or settings().home
        self.deadline = deadline  # seconds
        self.limiter = limiter

    def history(self, symbol: str, bar_size: BarSize) -> Prices:
        """All settled prices of a ticker: the saved ones until another session has ended, else the whole history asked anew.

        Yahoo's own weeks are adjusted wrongly. InvalidRequest when it cannot be a ticker; a PriceError when Yahoo gives no
        prices and none were saved.
        """
        start, symbol = _now(), tidy(symbol)
        cache = PriceCache(self.home / "prices" / bar_size)
        with cache.lock(symbol):
            saved = cache.get(symbol)
            if saved and start < saved.due:
                return saved.prices()
            try:
                history, notes = self._ask(symbol, bar_size, start)
                notes += _checked(history, saved)
            except Refused as refused:
                if saved is None:
                    raise refused.refusal.error() from refused
                day = say_day(saved.about.fetched_at.date())
                return saved.prices(f"prices saved {day}, because {refused.refusal.cause}")
            history = history.without_noise(saved) if saved else history
            prices = history.prices(*notes)
            cache.put(history)
            return prices

    def search(self, words: str) -> tuple[Listing, ...]:
        """Tickers that Yahoo offers for some words, best first; a PriceError when it cannot be asked."""
        words = words.strip()
        try:
            return self._within_limits(lambda client: _search(client, words)) if words else ()
        except Refused as refused:
            raise refused.refusal.error() from refused

    def _ask(self, symbol: str, bar_size: BarSize, start: datetime) -> tuple[History, tuple[str, ...]]:
        """The bars of a ticker. A fetch that waited for another of the same ticker, which was refused, is refused as well."""
        if refusal := self.limiter.recall(symbol, start, _now()):
            raise Refused(refusal)
        try:
            return self._within_limits(lambda client: _history(client, symbol, bar_size))
        except Refused as refused:
            self.limiter.remember(symbol, refused.refusal, _now())
            raise

    def _within_limits(self, question: Callable[[ModuleType], T]) -> T:
        """The answer to a question, which is not sent while Yahoo asks us to wait. Raises Refused."""
        if until := self.limiter.until(_now()):
            raise Refused(_limited(until))
        began = time.monotonic()
        try:
            answer = self._sent(question)
        except Refused as refused:
            _note(refused.refusal.kind.__name__, began, logging.WARNING)
            raise
        _note("answered", began)
        return answer

    def _sent(self, question: Callable[[ModuleType], T]) -> T:
        client = _client(self.home / "prices" / "yfinance")
        try:
            answer = _within(self.deadline, lambda: question(client))
        except _client_errors(client) as error:
            client.data.YfData.cache_get.cache_clear()  # else a bad answer is given again until the process ends
            if _asks_to_wait(client, error):
                raise Refused(_limited(self.limiter.slow_down(_now()))) from error
            raise Refused(_refusal_of(error)) from error
        self.limiter.answered()
        return answer
