"""What the commands share. The commands themselves are in test_main."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from core.__main__ import main
from core.errors import InvalidRequest
from core.runs.bundle import examples
from core.runs.lab import lab
from core.runs.standing import WORDS
from core.shell import comma_separated, request_of, summary, unused_path
from core.stn.geometry.families import FAMILIES
from core.stn.straighten.command import straighten
from tests.runs.count import CountRequest

ROWS = {"core.rnn.models", "core.rnn.networks.types", "core.rnn.prices.sources", "core.rnn.prices.bar_sizes"}  # names only


def test_help_loads_neither_torch_nor_pandas_nor_an_experiment() -> None:
    heavy = "name.startswith(('torch', 'dask', 'distributed', 'pandas', 'core.stn', 'core.rnn'))"
    code = f"import sys, core.__main__; print(*(name for name in sys.modules if {heavy}))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(process.stdout.split())
    assert {"core.stn.straighten.command", "core.rnn.compare.command"} <= loaded
    packages = {name.rpartition(".")[0] for name in loaded}
    assert {name for name in loaded - packages if not name.endswith(("command", "commands", "names", "shell"))} <= ROWS


def test_a_list_is_lower_case_words_without_gaps() -> None:
    assert comma_separated(" GRU, lstm,,Rnn ") == ("gru", "lstm", "rnn")


def test_a_free_path_is_never_one_that_is_taken(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        path = unused_path(tmp_path, "cat-straight", ".png")
        names.append(path.name)
        path.touch()
    assert names == ["cat-straight.png", "cat-straight-2.png", "cat-straight-3.png"]


def test_what_is_wrong_with_a_field_is_said_with_its_option() -> None:
    with pytest.raises(InvalidRequest, match="--mood 'sad' will not do"):
        request_of(CountRequest, {"mood": "sad"})


def test_help_names_the_rows_of_the_table_and_those_that_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def text() -> str:
        return " ".join(CliRunner().invoke(straighten, ["--help"]).output.split())

    assert f"One of {', '.join(FAMILIES)}." in text()
    monkeypatch.setitem(FAMILIES, "rigid", replace(FAMILIES["similarity"], name="rigid"))
    assert ", rigid." in text()


@pytest.mark.parametrize("command", [name for name in main.commands if name != "train"] + ["train"])
def test_no_help_shows_an_unfilled_place(command: str) -> None:
    group = main.commands[command]
    for one in group.commands.values() if isinstance(group, click.Group) else [group]:
        assert "{names}" not in CliRunner().invoke(one, ["--help"]).output


def test_an_answer_has_error_baseline_and_health_beside_the_scores() -> None:
    for run in examples(lab()):
        answer = json.loads(json.dumps(summary(run, cached=False), allow_nan=False))
        assert answer["scores"] == json.loads(json.dumps(lab().corrected(run).scores))
        assert answer["health"] in WORDS.values()
        assert answer["health"] != "healthy" or answer["error"] < answer["baseline"]
        assert answer["error_is"]
        assert answer["baseline_is"]
