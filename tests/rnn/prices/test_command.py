from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.errors import InvalidRequest
from core.rnn.compare.command import compare
from core.rnn.prices.command import search
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
