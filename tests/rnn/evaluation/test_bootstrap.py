from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap

from core.rnn.evaluation.bootstrap import block_length, drawn_blocks, drawn_means


def all_days(days: int, length: int, draws: int) -> np.ndarray:
    """The days of every draw, (draws, days)."""
    starts, lengths = drawn_blocks(days, length, draws)
    drawn = [
        np.concatenate([np.arange(start, start + count) for start, count in zip(*draw, strict=True)])
        for draw in zip(starts, lengths, strict=True)
    ]
    return np.stack(drawn) % days


def test_blocks_are_as_long_as_asked_on_average() -> None:
    drawn = all_days(1000, 8, 300)
    broken = (np.diff(drawn, axis=1) % 1000 != 1).mean()
    assert 1 / broken == pytest.approx(8, rel=0.03)  # a block that happens to go on is 1 in 1,000


def test_every_day_is_drawn_equally_often() -> None:
    counts = np.bincount(all_days(50, 5, 4000).ravel(), minlength=50)
    np.testing.assert_allclose(counts / counts.mean(), 1, atol=0.1)


def test_after_the_last_day_a_block_goes_on_with_the_first() -> None:
    drawn = all_days(20, 10, 200)
    after_last = drawn[:, 1:][drawn[:, :-1] == 19]
    assert (after_last == 0).mean() > 0.8  # 9 of 10, and now and then by chance


def test_means_are_those_of_the_drawn_days() -> None:
    values = np.random.default_rng(0).standard_normal((40, 3))
    np.testing.assert_allclose(drawn_means(values, 4, draws=30), values[all_days(40, 4, 30)].mean(axis=1), rtol=0, atol=1e-12)


def test_draws_are_the_same_every_time() -> None:
    values = np.random.default_rng(0).standard_normal((600, 2))
    np.testing.assert_array_equal(drawn_means(values, 4), drawn_means(values, 4))


def test_a_block_of_one_day_draws_every_day_anew() -> None:
    starts, lengths = drawn_blocks(30, 1, draws=50)
    assert starts.shape == (50, 30)
    assert (lengths == 1).all()


def test_the_spread_of_means_is_that_of_arch() -> None:
    noise = np.random.default_rng(0).standard_normal(600)
    dependent = np.convolve(noise, np.ones(5), "valid")
    ours = drawn_means(dependent[:, None], 8, draws=4000).std()
    theirs = StationaryBootstrap(8, dependent, seed=1).apply(np.mean, 4000).std()
    assert ours == pytest.approx(theirs, rel=0.05)


def test_blocks_grow_with_the_days_and_span_the_horizon() -> None:
    assert [block_length(days) for days in (27, 512, 5000)] == [3, 8, 17]
    assert block_length(512, horizon=20) == 20
