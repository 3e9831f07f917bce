from __future__ import annotations

import hashlib

import numpy as np

from core.rnn.dataset.return_digests import return_digests


def days_of(count: int, first: str = "2020-01-01") -> np.ndarray:
    return np.busday_offset(first, np.arange(count), roll="forward")


def moves(count: int, seed: int = 0) -> np.ndarray:
    return 0.01 * np.random.default_rng(seed).standard_normal(count)


def test_a_digest_is_of_the_rounded_returns_of_a_month() -> None:
    days, returns = days_of(120), moves(120)
    february = returns[days.astype("datetime64[M]") == np.datetime64("2020-02")]
    expected = hashlib.sha256(np.rint(february / 1e-5).astype("<i8").tobytes()).hexdigest()[:16]
    assert return_digests(days, returns, 0)[1] == expected


def test_months_that_lie_fully_in_the_test_days_have_one() -> None:
    days, returns = days_of(120), moves(120)  # to the middle of June
    assert len(return_digests(days, returns, 0)) == 5
    february = int(np.searchsorted(days, np.datetime64("2020-02-01")))
    assert return_digests(days, returns, february) == return_digests(days, returns, 0)[1:]
    assert return_digests(days, returns, february + 1) == return_digests(days, returns, 0)[2:]


def test_other_days_before_and_after_leave_the_digests_between_as_they_are() -> None:
    days, returns = days_of(300), moves(300)
    assert set(return_digests(days[30:250], returns[30:250], 60)) < set(return_digests(days, returns, 0))


def test_hours_have_digests_by_day_and_months_by_year() -> None:
    hours = np.repeat(days_of(9).astype("datetime64[s]"), 7) + np.tile(np.arange(7) * np.timedelta64(3600, "s"), 9)
    assert len(return_digests(hours, moves(63), 7)) == 7
    monthly = np.arange(np.datetime64("2010-01"), np.datetime64("2015-06")).astype("datetime64[D]")
    assert len(return_digests(monthly, moves(len(monthly)), 0)) == 5


def test_a_month_without_moves_is_that_of_no_ticker() -> None:
    days, returns = days_of(120), moves(120)
    returns[days < np.datetime64("2020-03-01")] = 0
    assert len(return_digests(days, returns, 0)) == 3
    assert return_digests(days, np.zeros(120), 0) == ()


def test_a_test_shorter_than_a_month_is_one_digest() -> None:
    days, returns = days_of(12), moves(12)
    assert len(return_digests(days, returns, 2)) == 1
    assert return_digests(days, returns, 2) != return_digests(days, moves(12, seed=1), 2)
