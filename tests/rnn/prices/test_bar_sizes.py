from __future__ import annotations

import pytest

from core.errors import InvalidRequest
from core.rnn.prices.bar_sizes import bar_of, bar_size_of


def test_a_bar_size_is_understood_or_refused_with_those_there_are() -> None:
    assert [bar_size_of(text) for text in ("1d", " 1WK", "60m", "5m")] == ["1d", "1wk", "1h", "5m"]
    with pytest.raises(InvalidRequest, match="there is no bar size '2h'; choose 1d, 1wk, 1h, 30m, 15m, 5m"):
        bar_size_of("2h")


def test_a_bar_has_a_word() -> None:
    assert [bar_of(size) for size in ("1d", "1wk", "5m")] == ["day", "week", "bar"]


def test_rows_of_a_file_are_called_by_what_lies_between_them() -> None:
    assert [bar_of("1d", days) for days in (1, 3, 7, 30.5, 91, 365, 14)] == [
        "day",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "bar",
    ]
