from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.errors import DoubtfulPrices
from core.rnn.prices.csv_file import read_csv
from core.rnn.prices.notes import notes_of
from core.rnn.prices.prices import Prices
from core.rnn.prices.quality.breaks import breaks_of, doubt_about, taken_as_they_are

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
    assert breaks_of(times(0.6, 150)) == ()  # a bad day
    assert breaks_of(times(1 / 2.5, 150)) == ()  # no common ratio, and it stays there


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
