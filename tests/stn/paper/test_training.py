"""The command that trains the paper's table, on the shipped digits and for a step or two."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks.paper_table import main
from core.stn.datasets import digits
from core.stn.paper import table as paper
from core.stn.paper.answers import kept, network_of

DIGITS = Path(digits.__file__).parents[1] / "data" / "digits"


def train(folder: Path, *options: str) -> Result:
    where = {
        "--mnist": DIGITS,
        "--out": folder / "runs.json",
        "--answers": folder / "answers.safetensors",
        "--page": folder / "page.md",
    }
    given = [str(word) for pair in where.items() for word in pair]
    return CliRunner().invoke(main, [*given, "--models", "fcn", "--sets", "R", "--draws", "1", "--device", "cpu", *options])


def test_every_network_is_kept_with_its_answers_and_none_is_trained_twice(tmp_path: Path) -> None:
    assert train(tmp_path, "--seeds", "0", "--epochs", "0.05").exit_code == 0
    [first] = paper.runs(tmp_path / "runs.json")
    assert train(tmp_path, "--seeds", "0,1", "--epochs", "0.05").exit_code == 0
    again, second = paper.runs(tmp_path / "runs.json")
    assert again == first
    assert (second["seed"], second["recipe"], second["epochs"]) == (1, paper.RECIPE, 0.05)
    answers = kept(tmp_path / "answers.safetensors")
    assert {name: len(wrong) / 10 for name, wrong in answers.items()} == {
        network_of(e): pytest.approx(e["errors"][0]) for e in (first, second)
    }
    assert "**" in (tmp_path / "page.md").read_text()


def test_equal_minutes_and_equal_epochs_are_two_trainings(tmp_path: Path) -> None:
    for length in (("--epochs", "0.05"), ("--minutes", "0.001")):
        assert train(tmp_path, "--seeds", "0", *length).exit_code == 0
    by_epochs, by_minutes = paper.runs(tmp_path / "runs.json")
    assert (by_epochs["minutes"], by_minutes["minutes"]) == (None, 0.001)
    assert "give one of them" in train(tmp_path, "--epochs", "1", "--minutes", "1").output


def test_parts_share_the_networks(tmp_path: Path) -> None:
    for part in ("0", "1"):
        assert train(tmp_path, "--seeds", "0,1,2", "--epochs", "0.05", "--part", part, "2").exit_code == 0
    assert [e["seed"] for e in paper.runs(tmp_path / "runs.json")] == [0, 2, 1]
    assert not (tmp_path / "page.md").exists()  # written once, when all parts are done
