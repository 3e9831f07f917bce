from __future__ import annotations

import json

import pytest

from core.rnn.compare.request import CompareRequest
from core.rnn.echo.request import EchoRequest
from core.runs.conclusion import Conclusion, follow_up, in_words
from core.runs.request import Request
from core.stn.add.request import AddRequest
from core.stn.classify.request import ClassifyRequest
from core.stn.straighten.request import StraightenRequest


@pytest.mark.parametrize(
    ("request_", "words", "change"),
    [
        (ClassifyRequest(digits="shipped", budget=20), "Train for 1 min each", {"budget": 60.0}),
        (AddRequest(models=("fcn",), budget=60), "Train for 5 min", {"budget": 300.0}),
        (AddRequest(steps=50), "Train for 200 steps", {"steps": 200}),
    ],
    ids=["twenty seconds", "a minute", "steps"],
)
def test_longer_is_at_least_twice_as_long(request_: Request, words: str, change: dict[str, float]) -> None:
    after = follow_up(request_, "longer")
    assert after is not None
    assert (after.words, dict(after.change)) == (words, change)
    assert after.request(request_) == request_.model_copy(update=change)


def test_as_many_steps_for_each_are_asked_of_a_request_that_has_steps() -> None:
    after = follow_up(ClassifyRequest(digits="shipped"), 878)
    assert after is not None
    assert after.words == "Train for 878 steps each"
    assert after.request(ClassifyRequest(digits="shipped")) == ClassifyRequest(digits="shipped", steps=878)
    assert follow_up(StraightenRequest(images=("a",), names=("a",)), 878) is None


@pytest.mark.parametrize(
    "request_", [CompareRequest(symbol="KO", prices="0" * 64, seeds=1), EchoRequest(seeds=3)], ids=["compare", "echo"]
)
def test_with_few_networks_of_each_variant_more_are_offered(request_: Request) -> None:
    after = follow_up(request_, "more seeds")
    assert after is not None
    assert after.words == "Train 5 networks of each variant"
    assert after.request(request_) == request_.model_copy(update={"seeds": 5})
    assert follow_up(request_.model_copy(update={"seeds": 5}), "more seeds") is None
    assert follow_up(request_.model_copy(update={"cells": ()}), "more seeds") is None


def test_where_a_request_allows_no_more_there_is_no_step() -> None:
    assert follow_up(StraightenRequest(images=("a",), names=("a",), budget=600), "longer") is None
    assert follow_up(AddRequest(), None) is None


def test_json_has_the_step_and_what_it_changes() -> None:
    conclusion = Conclusion("too early", "too early to tell", ("39 steps",), "another seed")
    assert json.loads(json.dumps(conclusion.plain(AddRequest(seed=3)))) == {
        "finding": "too early", "headline": "too early to tell", "support": ["39 steps"],
        "next": {"words": "Train again with seed 4", "change": {"seed": 4}},
    }  # fmt: skip


def test_times_are_said_in_the_largest_whole_unit() -> None:
    assert [in_words(seconds) for seconds in (30, 60, 90, 300, 7200)] == ["30 s", "1 min", "90 s", "5 min", "2 h"]
