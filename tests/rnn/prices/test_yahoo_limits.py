from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.errors import NoData, RateLimited, UnknownTicker
from core.rnn.prices.yahoo_limits import RateLimiter, Refusal

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def waits(limiter: RateLimiter, times: int) -> list[float]:
    """Minutes of each wait when every request after a wait is refused again."""
    now, minutes = NOON, []
    for _ in range(times):
        until = limiter.slow_down(now)
        minutes.append((until - now) / MINUTE)
        now = until
    return minutes


def test_the_wait_doubles_up_to_fifteen_minutes() -> None:
    assert waits(RateLimiter(), 6) == [1, 2, 4, 8, 15, 15]


def test_nothing_may_be_sent_until_the_wait_is_over() -> None:
    limiter = RateLimiter()
    assert limiter.until(NOON) is None
    until = limiter.slow_down(NOON)
    assert limiter.until(until - timedelta(seconds=1)) == until
    assert limiter.until(until) is None


def test_several_refusals_of_one_moment_are_one() -> None:
    limiter = RateLimiter()
    assert limiter.slow_down(NOON) == limiter.slow_down(NOON + timedelta(seconds=1)) == NOON + MINUTE


def test_an_answer_makes_the_next_wait_short() -> None:
    limiter = RateLimiter()
    waits(limiter, 3)
    limiter.answered()
    assert waits(limiter, 1) == [1]


def test_an_unknown_ticker_stays_unknown_for_a_day() -> None:
    limiter, refusal = RateLimiter(), Refusal(UnknownTicker, "Yahoo has no ticker ZZZZ")
    limiter.remember("ZZZZ", refusal, NOON)
    later = NOON + timedelta(hours=23)
    assert limiter.recall("ZZZZ", later, later) == refusal
    assert limiter.recall("ZZZ", later, later) is None
    assert limiter.recall("ZZZZ", NOON + timedelta(days=1), NOON + timedelta(days=1)) is None


def test_who_asked_before_a_refusal_shares_it_and_who_asks_later_does_not() -> None:
    limiter, refusal = RateLimiter(), Refusal(NoData, "nothing")
    limiter.remember("AAPL", refusal, NOON)
    assert limiter.recall("AAPL", NOON - MINUTE, NOON) == refusal
    assert limiter.recall("AAPL", NOON + MINUTE, NOON + MINUTE) is None


def test_a_refusal_becomes_an_error_with_cause_advice_and_time() -> None:
    error = Refusal(RateLimited, "Yahoo asks us to wait", "try later", NOON).error()
    assert isinstance(error, RateLimited)
    assert error.retry_at == NOON
    assert str(error) == "Yahoo asks us to wait; try later"
