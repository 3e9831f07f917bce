"""`panel` on the command line, and what it writes for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from core.__main__ import main
from core.rnn.prices.samples import COMPANIES, Samples
from core.runs.lab import lab
from core.settings import settings
from tests.rnn.panel.panels import files

QUICK = ("--cells", "gru", "--seeds", "2", "--steps", "10", "--hidden", "4", "--classical", "har", "--no-trees")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("GRIDCAST_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    lab.cache_clear()
    yield tmp_path
    lab().registry.close()
    settings.cache_clear()
    lab.cache_clear()


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    """Three simulated tickers as files."""
    written = []
    for one in files():
        path = tmp_path / f"{one.symbol}.csv"
        path.write_text(pd.DataFrame({"Date": one.days, "Close": one.close}).to_csv(index=False))
        written.append(str(path))
    return written


def panel(*words: str) -> Result:
    return CliRunner().invoke(main, ["panel", *words], catch_exceptions=False)


def test_without_tickers_it_takes_the_twenty_companies() -> None:
    assert Samples.panel == tuple(COMPANIES)
    assert len(Samples.panel) == 20


def test_the_answer_for_machines_has_verdict_comparisons_rows_and_seconds(paths: list[str]) -> None:
    answer = json.loads(panel(*paths, *QUICK, "--json").stdout)
    verdict = answer["verdict"]
    assert {"reference", "beats_reference", "networks_beat_classical", "best_network", "best_classical", "comparisons"} <= set(
        verdict
    )
    assert verdict["reference"] == "har"
    assert {"model", "reference", "loss", "skill", "p", "better_on", "tickers"} <= set(answer["comparisons"][0])
    assert {"model", "reference", "skill", "p", "detectable_skill", "better"} <= set(verdict["comparisons"][0])
    assert {row["symbol"] for row in answer["rows"]} == {"AAA", "BBB", "CCC"}
    assert answer["seconds"] > 0
    assert not answer["failed"]


def test_what_was_fitted_before_is_not_fitted_again(paths: list[str]) -> None:
    panel(*paths, *QUICK, "--json")
    before = {run.id for run in lab().runs()}
    again = json.loads(panel(*paths, *QUICK, "--json").stdout)
    assert again["cached"]
    panel(*paths, *QUICK[:2], "--seeds", "3", *QUICK[4:], "--json")
    [seed, whole] = sorted((run for run in lab().runs() if run.id not in before), key=lambda run: run.kind)
    assert (seed.kind, whole.kind) == ("learner", "panel")
    assert [run.kind for run in lab().runs(parts=False)] == ["panel", "panel"]  # parts are not in the list


def test_one_ticker_is_refused_in_one_sentence(paths: list[str]) -> None:
    from core.errors import InvalidRequest

    with pytest.raises(InvalidRequest, match="a panel needs 2 tickers or more"):
        panel(paths[0], *QUICK)


def test_the_verdict_is_said_in_words(paths: list[str]) -> None:
    said = panel(*paths, *QUICK).stdout
    assert said.startswith("On 3 tickers and 175 test days, ")
    assert "pooled HAR with the market: skill" in said
    assert "unknown when they close, so that others read their day before: AAA, BBB, CCC" in said
