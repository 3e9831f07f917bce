"""The README's numbers are those that were measured, and its first examples run."""

from __future__ import annotations

import re
from typing import Any

import pytest

from benchmarks.claims import BEGIN, CLAIMS, README, TITLE, section, with_table
from benchmarks.results_page import PAGE, sections_of
from core.rnn.networks import learning
from core.rnn.networks.learning import Recipe
from tests.import_graph import ROOT

TEXT = README.read_text(encoding="utf-8")


def test_every_number_of_the_table_is_a_stored_measurement() -> None:
    assert BEGIN in TEXT
    assert with_table(TEXT) == TEXT, "python -m benchmarks claims writes it anew"
    assert sections_of(PAGE.read_text(encoding="utf-8"))[TITLE].split() == "\n".join(section()).split()
    assert TEXT.count("\n| ") >= len(CLAIMS)


def test_it_opens_with_one_sentence_one_picture_and_two_commands() -> None:
    sentence, picture, commands = TEXT.split("\n\n")[1:4]
    assert sentence.count(".") == 1
    [image] = re.findall(r"^!\[[^]]{20,}\]\((.+)\)$", picture)
    assert 10_000 < (ROOT / image).stat().st_size < 200_000
    assert re.findall(r"^(make \w+)", commands, re.MULTILINE) == ["make run", "make test"]


@pytest.mark.parametrize("number", [0, 1], ids=["spatial", "recurrent"])
def test_five_lines_for_each_bench_run(
    number: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "RECIPE", Recipe(steps=4))
    code = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[number]
    assert len([line for line in code.splitlines() if line]) <= 6
    names: dict[str, Any] = {}
    exec(code, names)
    if number == 0:
        assert (names["view"].shape, names["theta"].shape) == ((8, 1, 28, 28), (8, 2, 3))
    else:
        assert "the reference" in capsys.readouterr().out
