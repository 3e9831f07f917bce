"""A source is a row: what a row says is what requests, notes and commands do."""

from __future__ import annotations

import json
from pkgutil import resolve_name

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from core.errors import InvalidRequest, UnknownTicker
from core.rnn.compare.request import CompareRequest
from core.rnn.prices.calendars import calendar_of
from core.rnn.prices.command import search
from core.rnn.prices.notes import caption_of, notes_of
from core.rnn.prices.reader import Reader, reader_of
from core.rnn.prices.sources import SOURCES, Source, source_named, symbols_in, ticker_sources
from tests.rnn.prices.memory import MEMORY


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_every_row_names_a_reader_that_names_the_row(source: Source) -> None:
    reader = resolve_name(source.reader)
    assert issubclass(reader, Reader)
    assert reader.name == source.name
    assert {"1d", "1wk"} <= set(source.bar_sizes)
    assert source.from_file or source.example


def test_files_are_no_source_of_tickers() -> None:
    assert list(ticker_sources()) == ["sample", "yahoo"]


def test_an_unknown_source_is_refused_with_what_there_is() -> None:
    for refused in (source_named, reader_of):
        with pytest.raises(InvalidRequest, match=r"no price source 'nowhere'; use sample, yahoo or the path of a CSV file"):
            refused("nowhere")
    with pytest.raises(ValidationError, match="Input should be 'sample', 'yahoo' or 'csv'"):
        CompareRequest(symbol="KO", source="nowhere", prices="")


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("AAPL, msft;KO\nPG", ("AAPL", "MSFT", "KO", "PG")),
        ("# indices\n^GSPC  # S&P 500\n'BRK-B' ^gspc", ("^GSPC", "BRK-B")),
        (" ,; ", ()),
    ],
)
def test_tickers_are_read_from_lists_as_people_paste_them(text: str, symbols: tuple[str, ...]) -> None:
    assert symbols_in(text) == symbols


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Source:
    """One row more."""
    monkeypatch.setitem(SOURCES, "memory", MEMORY)
    return MEMORY


def test_a_new_row_gives_days_and_weeks_and_refuses_what_it_has_not(memory: Source) -> None:
    reader = reader_of("memory")
    daily, weekly = reader.fetch("WAVE"), reader.fetch("WAVE", "1wk")
    assert (daily.bar_size, weekly.bar_size, len(daily.dates), len(weekly.dates)) == ("1d", "1wk", 2000, 400)
    with pytest.raises(InvalidRequest, match="memory of a test has daily prices, not hourly ones; choose 1d or 1wk, or ask Y"):
        reader.fetch("WAVE", "1h")
    with pytest.raises(UnknownTicker, match="memory holds no SEA"):
        reader.fetch("SEA")


def test_a_new_row_has_its_words_and_a_calendar(memory: Source) -> None:
    prices = reader_of("memory").fetch("WAVE")
    assert caption_of(prices).startswith("WAVE · memory of a test · 4 Jan 2010 to ")
    assert notes_of(prices) == ("closes only",)
    assert calendar_of(prices).name == "XNYS"


def test_a_new_row_is_searched_by_the_command_and_named_in_a_request(memory: Source) -> None:
    words = ["wave", "--source", "memory", "--json"]
    answer = json.loads(CliRunner().invoke(search, words, standalone_mode=False).output)
    assert [hit["symbol"] for hit in answer["found"]] == ["WAVE"]
    assert CompareRequest(symbol="WAVE", source="memory", prices="").source == "memory"
