"""A source that is added as a row is fetched, searched and requested like those there were."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from core.errors import InvalidRequest, UnknownTicker
from core.rnn.compare.request import CompareRequest
from core.rnn.prices.calendars import calendar_of
from core.rnn.prices.command import search
from core.rnn.prices.notes import caption_of, notes_of
from core.rnn.prices.reader import reader_of
from core.rnn.prices.sources import SOURCES, Source
from tests.rnn.prices.memory import MEMORY


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
