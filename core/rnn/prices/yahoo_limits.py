"""Yahoo's limits: nothing is sent while it asks us to wait, and a question that it refused is not repeated at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.errors import PriceError, RateLimited, UnknownTicker

SHORTEST = timedelta(seconds=60)  # the first wait; each refusal after a wait doubles it
LONGEST = timedelta(minutes=15)
REMEMBERED = timedelta(days=1)  # how long an unknown ticker stays unknown: asking costs about ten requests
INSTEAD = "use a shipped sample or a CSV file meanwhile"


@dataclass(frozen=True)
class Refusal:
    """Why there are no prices: the kind of error, what happened, and what to do next."""

    kind: type[PriceError]
    cause: str
    advice: str = INSTEAD
    retry_at: datetime | None = None
    suggestions: tuple[str, ...] = ()  # of an unknown ticker

    def error(self) -> PriceError:
        sentence = f"{self.cause}; {self.advice}"
        if self.kind is UnknownTicker:
            return UnknownTicker(sentence, self.suggestions)
        return RateLimited(sentence, self.retry_at) if self.kind is RateLimited else self.kind(sentence)


class RateLimiter:
    """When Yahoo may be asked again. Safe for several threads; every method takes the time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wait = SHORTEST
        self._until: datetime | None = None
        self._refusals: dict[str, tuple[datetime, Refusal]] = {}

    def until(self, now: datetime) -> datetime | None:
        """When the next request may be sent; None: now."""
        with self._lock:
            return self._until if self._until and now < self._until else None

    def until_now(self) -> datetime | None:
        """The same at this moment."""
        return self.until(datetime.now(UTC))

    def slow_down(self, now: datetime) -> datetime:
        """Yahoo asks us to wait: note it, and return when the next request may be sent."""
        with self._lock:
            if self._until is None or self._until <= now:
                self._wait = SHORTEST if self._until is None else min(2 * self._wait, LONGEST)
                self._until = now + self._wait
            return self._until

    def answered(self) -> None:
        """Yahoo answered: the next wait is a short one again."""
        with self._lock:
            self._until = None

    def remember(self, symbol: str, refusal: Refusal, now: datetime) -> None:
        with self._lock:
            self._refusals = {s: entry for s, entry in self._refusals.items() if now < entry[0] + REMEMBERED}
            self._refusals[symbol] = (now, refusal)

    def recall(self, symbol: str, start: datetime, now: datetime) -> Refusal | None:
        """The refusal that holds for a fetch begun at `start`: one given since, or that of an unknown ticker."""
        with self._lock:
            if symbol not in self._refusals:
                return None
            since, refusal = self._refusals[symbol]
        lasting = refusal.kind is UnknownTicker and now < since + REMEMBERED
        return refusal if lasting or since >= start else None


LIMITER = RateLimiter()  # shared by the process: Yahoo counts requests by address
