from __future__ import annotations

import json
import zipfile
from datetime import date

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.rnn.compare.request import CompareRequest
from core.rnn.sweep.request import SweepRequest
from core.runs.beside.beside import Beside, beside, check
from core.runs.beside.differences import differing, fields_of
from core.runs.beside.figures import standing_figure
from core.runs.beside.seeds import grouped, next_seed, seed_of, spread
from core.runs.bundle import EXAMPLES
from core.runs.kinds import kind_of, request_from
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.report.settings import settings_of
from core.runs.request import key_of
from core.runs.result import Origin, Result
from core.runs.standing import Standing
from core.runs.visitors.label import LONGEST_LABEL, Label
from core.runs.work import Outcome
from core.stn.straighten.checkpoint import from_file, origin_in, to_file
from core.stn.straighten.request import StraightenRequest
from core.stn.straighten.result import StraightenResult

PHOTO = StraightenRequest(images=("a" * 64,), names=("coins",))
PRICES = CompareRequest(symbol="KO", source="sample", prices="b" * 64, target="return")
SWEEP = SweepRequest(comparisons=(PRICES, PRICES.model_copy(update={"symbol": "PEP", "prices": "c" * 64})))
FEWER_CELLS = ["variants vanilla RNN, bidirectional RNN, LSTM, GRU → GRU"]
FEWER = (PRICES.model_copy(update={"horizon": 5, "cells": ("gru",)}),)


def example(name: str) -> Result:
    """The result of a run that comes with the lab."""
    with zipfile.ZipFile(EXAMPLES / f"{name}.gridcast") as archive:
        request = request_from(json.loads(archive.read("request.json")))
        result: Result = kind_of(request).result.from_bytes(archive.read("result.safetensors"))
        return result


def queued(lab: Lab, *requests: StraightenRequest) -> list[Run]:
    return [lab.registry.claim(request)[0] for request in requests]


@pytest.mark.parametrize(
    ("first", "second", "changes"),
    [
        (PHOTO, {"max_angle": 90.0, "seed": 3}, ["turned by up to (°) 45 → 90", "seed 0 → 3"]),
        (PRICES, {"horizon": 5, "cells": ("gru",)}, ["horizon 1 → 5", *FEWER_CELLS]),
        (PHOTO, {"names": ("2020-99-99",)}, ["names coins → 2020-99-99"]),
        (PRICES, {"start": date(2010, 1, 4)}, ["from the first day → 4 Jan 2010"]),
        (SWEEP, {"comparisons": FEWER}, ["symbol KO, PEP → KO", "prices 2 files → bbbbbbbb", "horizon 1 → 5", *FEWER_CELLS]),
    ],
    ids=["straighten", "compare", "no day", "another start", "sweep"],
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


@pytest.mark.parametrize(("parent_is_known", "says"), [(True, "(run "), (False, "another run")], ids=["known", "older file"])
def test_a_run_that_goes_on_names_the_run_before_it_and_the_steps_of_both(lab: Lab, parent_is_known: bool, says: str) -> None:
    learned = example("1-straighten")
    first, after = PHOTO, PHOTO.model_copy(update={"start": "5" * 64, "budget": 60.0})
    origin = Origin(run="4304491b0123", title=first.title)
    begun_with = {"5" * 64: origin} if parent_is_known else {}
    changes = ({"steps": 75}, {"steps": 113, "stopped": True, "seconds": 37.2, "begun_with": begun_with, "went_on": [75]})
    for request, update in zip((first, after), changes, strict=True):
        lab.keep(lab.registry.claim(request)[0].id, Outcome(1.0, learned.model_copy(update=update).to_bytes()))
    these = beside(lab, [lab.registry.find(key_of(one)) for one in (first, after)])
    differ = {field.name: field.values for field in these.differing}
    assert says in differ["goes on from"][1]
    assert differ["steps"] == ("75", "38 after 75, 113 in all")
    assert differ["ended"][1] == "stopped after 37 s"
    assert "55555555" not in str(these.fields)
    assert these.origins == (None, origin if parent_is_known else None)


def test_a_classification_says_the_steps_of_each_model() -> None:
    result = example("3-classify")
    assert all(f"{steps:,}" in result.course["steps"] for steps in result.model_steps.values())  # type: ignore[attr-defined]


def test_weights_that_a_run_goes_on_from_are_no_file_of_digits_in_its_report() -> None:
    learned = example("1-straighten")
    assert isinstance(learned, StraightenResult)
    origin = Origin(run="4304491b0123", title="Straighten coins")
    named = {"5" * 64: origin.name}
    rows = {one.name: one.value for one in settings_of(PHOTO.model_copy(update={"start": "5" * 64}), named)}
    assert rows["Start"] == "Straighten coins (run 4304491b)"
    file = to_file("similarity", learned.weights, learned.state, origin=origin)
    assert origin_in(file) == origin
    assert file == to_file("similarity", learned.weights, learned.state, origin=origin)
    assert from_file("similarity", file).keys() == learned.weights.keys()
    assert origin_in(to_file("similarity", learned.weights)) is None
