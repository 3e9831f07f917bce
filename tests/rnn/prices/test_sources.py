"""A source is a row: what a row says is what requests, notes and commands do."""

from __future__ import annotations

from pkgutil import resolve_name

import pytest
from pydantic import ValidationError

from core.errors import InvalidRequest
from core.rnn.compare.request import CompareRequest
from core.rnn.prices.reader import Reader, reader_of
from core.rnn.prices.sources import SOURCES, Source, source_named, symbols_in, ticker_sources


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_every_row_names_a_reader_that_names_the_row(source: Source) -> None:
    reader = resolve_name(source.reader)
    assert issubclass(reader, Reader)
    assert reader.name == source.name
    assert {"1d", "1wk"} <= set(source.bar_sizes)
    assert source.from_file or source.example


def test_files_are_no_source_of_tickers() -> None:
    assert set(SOURCES) - set(ticker_sources()) == {"csv"}


def test_an_unknown_source_is_refused_with_what_there_is() -> None:
    for refused in (source_named, reader_of):
        with pytest.raises(InvalidRequest, match=r"no price source 'nowhere'; use sample, yahoo.* or the path of a CSV file"):
            refused("nowhere")
    with pytest.raises(ValidationError, match=r"Input should be 'sample', 'yahoo'.* or '"):
        CompareRequest(symbol="KO", source="nowhere", prices="")


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("AAPL, msft;KO\nPG", ("AAPL", "MSFT", "KO", "PG")),
        ("# indices\n^GSPC  # S&P 500\n'BRK-B' ^gspc", ("^GSPC", "BRK-B")),
        ("ko data/Walk0.csv /tmp/x", ("KO", "data/Walk0.csv", "/tmp/x")),
        (" ,; ", ()),
    ],
)
def test_tickers_are_read_from_lists_as_people_paste_them(text: str, symbols: tuple[str, ...]) -> None:
    assert symbols_in(text) == symbols
