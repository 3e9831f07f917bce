"""What tests of Yahoo share: a client that remembers nothing, and saved prices that grow old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from core.rnn.prices import yahoo
from core.rnn.prices.yahoo_cache import PriceCache

Make = Callable[..., yahoo.Yahoo]


def forget() -> None:
    """Make yfinance forget session, answers and caches, for which it has no public way."""
    from yfinance import base, cache, data

    data.SingletonMeta._instances.pop(data.YfData, None)
    data.YfData.cache_get.cache_clear()
    base._tz_info_fetch_ctr = 0
    cache._TzCacheManager._tz_cache = cache._CookieCacheManager._Cookie_cache = None
    yahoo._client.cache_clear()


def age(source: yahoo.Yahoo, days: int = 3, symbol: str = "AAPL", minutes: int = 0, bar_size: str = "1d") -> Path:
    """Let a saved history be some days, or minutes, older; its file."""
    cache = PriceCache(source.home / "prices" / bar_size)
    saved = cache.get(symbol)
    assert saved
    fetched_at = saved.about.fetched_at - (timedelta(minutes=minutes) if minutes else timedelta(days=days))
    cache.put(replace(saved, about=saved.about.model_copy(update={"fetched_at": fetched_at})))
    return cache.path_of(symbol)
