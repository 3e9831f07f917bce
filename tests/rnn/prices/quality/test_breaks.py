from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.errors import DoubtfulPrices
from core.rnn.prices.csv_file import read_csv
from core.rnn.prices.notes import notes_of
from core.rnn.prices.prices import Prices
from core.rnn.prices.quality.breaks import breaks_of, doubt_about, outstanding, taken_as_they_are
from core.rnn.prices.samples import fetch, tickers

DAYS = np.busday_offset("2020-01-01", np.arange(300), roll="forward").astype("datetime64[D]")
QUIET = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, len(DAYS))))


def prices(close: np.ndarray) -> Prices:
    rows = "".join(f"{day},{price:.4f}\n" for day, price in zip(DAYS, close, strict=True))
    return read_csv("x.csv", f"Date,Close\n{rows}".encode())


def times(factor: float, first: int, last: int = len(DAYS)) -> Prices:
    close = QUIET.copy()
    close[first:last] *= factor
    return prices(close)


LIKE = {
    "a split of 4:1 that is not adjusted": times(1 / 4, 150),
    "a split of 1:10 that is not adjusted": times(10, 150),
    "a split of 5:4 that is not adjusted": times(4 / 5, 150),
    "a split of 4:3 that is not adjusted": times(3 / 4, 150),
    "a split of 3:2 that is not adjusted": times(2 / 3, 150),
    "a split of 2:3 that is not adjusted": times(3 / 2, 150),
    "a split of 5:3 that is not adjusted": times(3 / 5, 150),
    "a split of 5:2 that is not adjusted": times(2 / 5, 150),
    "pounds after pence": times(1 / 100, 150),
    "pence after pounds": times(100, 150),
    "a wrong price": times(1 / 2.5, 150, 151),
    "3 wrong prices": times(3, 150, 153),
}


@pytest.mark.parametrize("looks_like", LIKE)
def test_a_move_says_what_it_looks_like(looks_like: str) -> None:
    [one] = breaks_of(LIKE[looks_like])
    assert (one.looks_like, str(one.day)) == (looks_like, "2020-07-29")
    [note] = [note for note in notes_of(LIKE[looks_like]) if note.startswith("the price moves by")]
    assert note.endswith(f"like {looks_like}")


def test_a_block_in_pounds_is_one_move_there_and_back() -> None:
    for first, last in ((150, 170), (150, 151)):
        [one] = breaks_of(times(1 / 100, first, last))
        assert (one.looks_like, one.until) == ("pounds after pence", DAYS[last])


def test_what_the_market_does_is_no_break() -> None:
    assert breaks_of(prices(QUIET)) == ()
    assert breaks_of(times(0.63, 150)) == ()  # a bad day
    assert breaks_of(times(1 / 2.25, 150)) == ()  # no common ratio, and it stays there


def test_a_small_split_is_told_from_a_crash_by_the_other_moves_of_the_series() -> None:
    split, crash = times(2 / 3, 150), times(2 / 3, 150).close.copy()
    crash[220:] *= 0.85  # a quarter of the first move is more than a tenth
    assert [one.looks_like for one in breaks_of(split)] == ["a split of 3:2 that is not adjusted"]
    assert breaks_of(prices(crash)) == ()
    assert any("the price moves by -33 %" in note for note in notes_of(prices(crash)))
    assert breaks_of(split.between(date(2020, 6, 1), date(2020, 8, 14))) == ()  # too short to say what is usual


def test_two_small_splits_and_a_large_one_do_not_hide_each_other() -> None:
    close = QUIET.copy()
    for at, factor in ((80, 2 / 3), (160, 1 / 2), (240, 4 / 5)):
        close[at:] *= factor
    assert [one.looks_like.split()[3] for one in breaks_of(prices(close))] == ["3:2", "2:1", "5:4"]


def test_a_split_that_stands_out_too_little_to_be_asked_about_is_noted() -> None:
    close = times(4 / 5, 150).close.copy()
    close[220:] *= 0.92
    assert breaks_of(prices(close)) == ()
    assert any("the price moves by -20 %" in note for note in notes_of(prices(close)))


def test_no_move_of_the_samples_stands_out_like_a_split() -> None:
    assert not [symbol for symbol in tickers() if outstanding(np.diff(np.log(fetch(symbol).close))).any()]


def test_fat_tails_and_clustered_volatility_seldom_look_like_a_small_split() -> None:
    """GARCH with Student-t(3) days, 1.2 % a day: 8 of 24,000 series of 5,000 days are asked about; here 100 of them."""
    random, days = np.random.default_rng(4), 5000
    shocks = random.standard_t(3, (days, 100)) / np.sqrt(3)
    moves, variance = np.empty_like(shocks), np.full(100, 0.012**2)
    for day in range(days):
        moves[day] = np.sqrt(variance) * shocks[day]
        variance = 0.02 * 0.012**2 + 0.08 * moves[day] ** 2 + 0.9 * variance
    assert not [series for series in range(100) if outstanding(moves[:, series]).any()]


def test_prices_that_look_wrong_are_confirmed_or_cut_out_before_they_are_trained_on() -> None:
    split = times(1 / 4, 150)
    with pytest.raises(
        DoubtfulPrices, match=r"X: the price moves by -75 % on 29 Jul 2020, like a split .*, else begin on 29 Jul 2020"
    ):
        taken_as_they_are(split, "X", None, None, confirmed=False)
    assert taken_as_they_are(split, "X", None, None, confirmed=True)
    assert not taken_as_they_are(split, "X", date(2020, 7, 29), None, confirmed=False)
    assert not taken_as_they_are(split, "X", None, date(2020, 7, 28), confirmed=True)
    assert doubt_about(split.model_copy(update={"source": "sample"})) == ""  # these were checked
