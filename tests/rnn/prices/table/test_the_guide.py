"""The tables of docs/USER_GUIDE.md: every file that it says is read, or refused, is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.errors import PriceError
from core.rnn.prices.csv_file import read_csv
from core.rnn.prices.table.bars import MOST_EMPTY, MOST_NOT_ABOVE_ZERO

GUIDE = (Path(__file__).parents[4] / "docs" / "USER_GUIDE.md").read_text()


def rows(head: str) -> list[tuple[str, ...]]:
    """The rows of the table whose first heading is this: in words, the file, what follows."""
    table = GUIDE.split(f"| {head} | in the file |")[1].split("\n\n")[0]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table.splitlines()[2:]]


def read(words: str, file: str) -> str:
    """The first price that the file of a row gives, for the ticker that its words have in bold."""
    symbol = re.search(r"\*\*(\w+)\*\*", words)
    prices = read_csv("file.csv", "\n".join(file.strip("`").split(" / ")).encode(), symbol[1] if symbol else None)
    return f"{prices.days[0]} {prices.close[0]:.15g}"


@pytest.mark.parametrize(("words", "file", "as_told"), rows("what is read"))
def test_what_the_guide_says_is_read_is_read_so(words: str, file: str, as_told: str) -> None:
    assert read(words, file) == as_told.strip("`")


@pytest.mark.parametrize(("words", "file", "because"), rows("what is refused"))
def test_what_the_guide_says_is_refused_is_refused_so(words: str, file: str, because: str) -> None:
    with pytest.raises(PriceError, match=re.escape(because)):
        read(words, file)


def test_the_shares_in_the_guide_are_those_of_the_reader() -> None:
    assert (MOST_EMPTY, MOST_NOT_ABOVE_ZERO) == (1 / 20, 1 / 100)
