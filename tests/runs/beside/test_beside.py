from __future__ import annotations

import json

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.rnn.compare.request import CompareRequest
from core.rnn.sweep.request import SweepRequest
from core.runs.beside.beside import Beside, check
from core.runs.beside.differences import differing, fields_of
from core.runs.beside.figures import standing_figure
from core.runs.beside.seeds import grouped, next_seed, seed_of, spread
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.standing import Standing
from core.runs.visitors.label import LONGEST_LABEL, Label
from core.stn.straighten.request import StraightenRequest

PHOTO = StraightenRequest(images=("a" * 64,), names=("coins",))
PRICES = CompareRequest(symbol="KO", source="sample", prices="b" * 64, target="return")
SWEEP = SweepRequest(comparisons=(PRICES, PRICES.model_copy(update={"symbol": "PEP", "prices": "c" * 64})))
FEWER_CELLS = ["variants rnn, birnn, lstm, gru → gru"]
FEWER = (PRICES.model_copy(update={"horizon": 5, "cells": ("gru",)}),)


def queued(lab: Lab, *requests: StraightenRequest) -> list[Run]:
    return [lab.registry.claim(request)[0] for request in requests]


@pytest.mark.parametrize(
    ("first", "second", "changes"),
    [
        (PHOTO, {"max_angle": 90.0, "seed": 3}, ["turned by up to (°) 45 → 90", "seed 0 → 3"]),
        (PRICES, {"horizon": 5, "cells": ("gru",)}, ["horizon 1 → 5", "variants rnn, birnn, lstm, gru → gru"]),
        (SWEEP, {"comparisons": FEWER}, ["symbol KO, PEP → KO", "prices 2 files → bbbbbbbb", "horizon 1 → 5", *FEWER_CELLS]),
    ],
    ids=["straighten", "compare", "sweep"],
)
def test_what_differs_is_said_and_nothing_else(first, second, changes) -> None:
    if isinstance(first, CompareRequest):
        first = first.model_copy(update={"cells": ("rnn", "birnn", "lstm", "gru")})
    other = first.model_copy(update=second)
    assert [field.change for field in differing([first, other])] == changes
    assert differing([first, first]) == []
    assert len(fields_of([first, other])) > len(changes)


def test_values_that_differ_read_differently() -> None:
    pictures = [PHOTO.model_copy(update={"images": (letter * 64,)}) for letter in "abb"]
    [field] = differing(pictures)
    assert field.values[0] != field.values[1] == field.values[2]


def test_runs_that_differ_in_their_seed_alone_are_one_group(lab: Lab) -> None:
    seeds = [PHOTO.model_copy(update={"seed": seed}) for seed in (2, 0, 1)]
    runs = queued(lab, seeds[0], PHOTO.model_copy(update={"max_angle": 20.0, "seed": 1}), *seeds[1:])
    [first, second] = grouped(runs)
    assert [seed_of(run) for run in first] == [0, 1, 2]
    assert second == [runs[1]]
    assert next_seed(first, 0) == 3


def test_errors_of_seeds_are_a_mean_and_a_range() -> None:
    standings = [Standing(error, "°", 20.0, "doing nothing", "healthy") for error in (1.0, 2.0, 6.0)]
    nothing = Standing(float("nan"), "°", 20.0, "doing nothing", "in doubt")
    assert spread([*standings, nothing]).text == "3, from 1 to 6 in 3 runs"
    assert spread([]) is None
    drawn = standing_figure(["a", "b", "c"], standings, "spatial", "light")
    np.testing.assert_array_equal(drawn.data[1].x, [1.0, 2.0, 6.0])


def test_only_two_to_six_runs_of_one_kind_stand_side_by_side(lab: Lab) -> None:
    runs = queued(lab, *(PHOTO.model_copy(update={"seed": seed}) for seed in range(7)))
    other = lab.registry.claim(PRICES)[0]
    for wrong, reason in ((runs[:1], "1 run cannot"), (runs, "7 runs cannot"), ([runs[0], other], "different kinds")):
        with pytest.raises(InvalidRequest, match=reason):
            check(wrong)
    check(runs[:6])
    stands = Standing(1.0, "°", 20.0, "doing nothing", "healthy")
    these = Beside(tuple(runs[:2]), tuple(fields_of([run.request for run in runs[:2]])), (stands, stands))
    assert [field.name for field in these.differing] == ["seed"]
    assert these.seeds_alone
    assert these.comparable


def test_a_label_is_ones_own_and_goes_with_its_run(lab: Lab) -> None:
    [run] = queued(lab, PHOTO)
    labels = lab.registry.labels
    labels.write(run.id, "ada", Label.of("  first\ttry\n", "a note\nof two lines", pinned=True))
    assert labels.of(run.id, "ada") == Label("first try", "a note\nof two lines", True)
    assert labels.of(run.id, "bob") == Label()
    assert labels.pinned("ada") == (run.id,)
    labels.write(run.id, "ada", Label("second"))
    assert labels.of(run.id, "ada") == Label("second")
    assert len(Label.of("x" * 200, "").name) == LONGEST_LABEL
    lab.registry.delete(run.id)
    assert labels.of(run.id, "ada") == Label()


def test_the_command_says_what_differs(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from core.runs.beside import command

    runs = queued(lab, PHOTO, PHOTO.model_copy(update={"seed": 1}))
    monkeypatch.setattr("core.runs.lab.lab", lambda: lab)
    monkeypatch.setattr(command, "find", lab.registry.find)
    said = CliRunner().invoke(command.beside, [*(run.id for run in runs), "--json"])
    answer = json.loads(said.output)
    assert answer["differs"] == {"seed": ["0", "1"]}
    assert [one["run"] for one in answer["runs"]] == [run.id for run in runs]
