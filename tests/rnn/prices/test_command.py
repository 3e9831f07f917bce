from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from core.errors import InvalidRequest, UnknownTicker
from core.rnn.compare.command import compare
from core.rnn.dataset.splits import USUAL_TEST_DAYS
from core.rnn.prices.command import prices_of, search
from core.rnn.sweep.command import sweep
from pages.parts.rnn.compare_form import FIRST_TARGET, START, TARGETS, VARIANTS
from pages.parts.rnn.sweep_form import CELLS
from tests.yahoo_server import YahooServer


def said(*words: str) -> str:
    return CliRunner().invoke(search, words, catch_exceptions=False, standalone_mode=False).output


def test_a_company_is_found_by_words_of_its_name() -> None:
    answer = json.loads(said("gamble", "procter", "--json"))
    assert answer["found"] == [{"symbol": "PG", "name": "Procter & Gamble", "kind": "stock", "exchange": ""}]
    assert (answer["words"], answer["source"]) == ("gamble procter", "sample")
    assert said("procter").split() == ["PG", "Procter", "&", "Gamble", "stock"]


def test_what_fits_nothing_is_said_with_where_else_to_look() -> None:
    assert said("xylophone", "works").strip() == (
        "nothing at sample fits 'xylophone works'; look among all at Yahoo with --source yahoo"
    )
    assert json.loads(said("xylophone", "works", "--json"))["found"] == []


def test_a_source_that_cannot_be_searched_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"'prices\.csv' cannot be searched; choose sample or yahoo"):
        said("apple", "--source", "prices.csv")


def test_help_names_the_option_of_the_bar_size_without_its_old_name() -> None:
    text = CliRunner().invoke(compare, ["--help"]).output
    assert "--bars TEXT" in text
    assert "--interval" not in text


@pytest.mark.parametrize("ticker", ["TSLA", "KOO"])
def test_a_ticker_that_no_sample_has_is_refused_with_the_source_that_has_all(ticker: str) -> None:
    with pytest.raises(UnknownTicker, match=r"look among all at Yahoo with --source yahoo$"):
        prices_of("sample", ticker)


def test_prices_of_a_file_are_called_by_its_name_not_by_its_path(tmp_path: Path) -> None:
    """Named in place of the ticker, with the file as source or without; a name of one's own stays."""
    path = tmp_path / "my prices.csv"
    rows = [f"{np.datetime64('2020-01-01') + day},{100 + day % 7}" for day in range(90)]
    path.write_text("\n".join(["Date,Close", *rows]))
    assert prices_of(str(path), str(path)).symbol == prices_of("sample", str(path)).symbol == "MY PRICES"
    assert prices_of(str(path), "oil").symbol == "OIL"


@pytest.mark.parametrize("command", [compare, sweep], ids=["compare", "sweep"])
def test_commands_ask_what_the_screens_ask_where_nothing_is_said(command: click.Command) -> None:
    usual = {option.name: option.get_default(click.Context(command)) for option in command.params}
    assert TARGETS[FIRST_TARGET].name == usual["target"]
    assert {CELLS[name] for name in VARIANTS} == set(usual["cells"].split(","))
    said = {option.name: f"{getattr(option, 'help', '')} {usual[option.name]}" for option in command.params}
    assert f"{START:%Y-%m-%d}" in said["start"]
    assert str(USUAL_TEST_DAYS) in said["test_days"]


@pytest.mark.slow
def test_the_command_asks_yahoo(server: YahooServer, tmp_path: Path) -> None:
    env = {**os.environ, **server.env, "GRIDCAST_HOME": str(tmp_path)}
    words = [sys.executable, "-m", "core", "search", "coca", "--source", "yahoo", "--json"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["found"] == [{"symbol": "KO", "name": "Coca-Cola", "kind": "stock", "exchange": "NYSE"}]
    server.fault("rate_limit", on=("/v1/finance/search",))
    refused = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("error: Yahoo asks us to wait until ")
