from __future__ import annotations

from datetime import date

import numpy as np

from core.rnn.prices.notes import caption_of, in_plain_words, notes_of, notes_together
from core.rnn.prices.samples import COMPANIES, SURVIVORSHIP, fetch
from tests.rnn.prices.weeks import WEEK, week


def test_many_gaps_are_counted_and_the_first_named() -> None:
    note = notes_of(week(source="yahoo", gaps=np.arange(7)))[-1]
    assert note.startswith("7 days without a price at Yahoo: 1 Jan 1970, ")
    assert note.endswith("5 Jan 1970 and 2 more")


def test_caption_says_source_period_and_adjustment() -> None:
    expected = "AAPL · my.csv · 5 Dec 2022 to 9 Dec 2022 · closes adjusted for dividends and splits"
    assert caption_of(week(origin="my.csv")) == expected


def test_a_price_that_never_changes_is_told() -> None:
    assert "every price is 5: there is nothing to forecast" in notes_of(week(close=[5.0] * 5))


def test_a_move_like_an_error_is_told_whatever_the_source_but_of_samples_that_were_checked() -> None:
    split = [5.0, 5.1, 2.04, 2.1, 2.0]
    sentence = "the price moves by -60 % to 7 Dec 2022: a split that is not adjusted, or an error, looks like this"
    assert sentence in notes_of(week(close=split))
    assert sentence in notes_of(week(close=split, source="yahoo"))
    assert sentence not in notes_of(week(close=split, source="sample"))
    assert "the price moves by +60 % to 9 Dec 2022" in " ".join(notes_of(week(close=[1.0, 1.1, 1.0, 1.0, 1.6])))


def test_notes_of_stored_results_are_shown_in_the_words_of_today() -> None:
    assert in_plain_words(["KO, XOM: one of twenty companies chosen with today's eyes: survivors", "closes only"]) == (
        f"KO, XOM: {SURVIVORSHIP}",
        "closes only",
    )


def test_a_long_time_without_a_price_is_told() -> None:
    holed = np.concatenate([WEEK[:3], WEEK[3:] + 400])
    sentence = "no price for 401 days, from 7 Dec 2022 to 12 Jan 2024: the first return after that is one of many days"
    assert sentence in notes_of(week(dates=holed))


def test_notes_on_several_tickers_name_each_sentence_once() -> None:
    later = fetch("MTUM").between(date(2014, 1, 1))
    notes = notes_together([fetch("KO"), fetch("XOM"), later], date(1990, 1, 2))
    assert notes == (
        "all 3 tickers: closes only",
        f"KO, XOM: {SURVIVORSHIP}",
        "MTUM: the first price is that of 2 Jan 2014, the period begins on 2 Jan 1990",
    )
    assert notes_together([fetch("KO")], date(2000, 1, 1))[0] == "KO: closes only"
    assert notes_together([fetch(name) for name in COMPANIES if name < "K"] + [later])[1].startswith(
        "AAPL, AMD, BAC, BBY, CVX and 4"
    )
