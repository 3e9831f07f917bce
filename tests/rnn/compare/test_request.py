from __future__ import annotations

import zipfile
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from core.errors import InvalidRequest
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult
from core.rnn.dataset.target import TARGETS, Target, first_measures, target_of
from core.rnn.models import quick_for
from core.runs.bundle import EXAMPLES
from core.runs.kinds import parse_request
from core.runs.request import key_of
from tests.rnn.compare.requests import request_on
from tests.rnn.series import garch

QUICK_MODELS = quick_for(target_of("volatility"))


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"cells": (), "classical": ()}, "nothing to compare"),
        ({"cells": (), "classical": ("random-walk",)}, "nothing to compare"),
        ({"start": date(2020, 1, 2), "end": date(2019, 1, 2)}, "ends on 2019-01-02, not after its start on 2020-01-02"),
        ({"test_days": 49}, "number of test days is 49; choose between 50 and 5,000"),
        ({"test_days": 5001}, "number of test days is 5001"),
        ({"seeds": 0}, "number of seeds is 0; choose between 1 and 20"),
        ({"seeds": 21}, "number of seeds is 21"),
        ({"hidden": 0}, "number of hidden units is 0"),
        ({"hidden": 1000}, "number of hidden units is 1000"),
        ({"horizon": 0}, "the horizon is 0; choose between 1 and 20"),
        ({"horizon": 21}, "the horizon is 21"),
        ({"layers": 5}, "number of layers is 5"),
        ({"refit_days": 2}, "number of days between refits is 2; choose between 5 and 1,000"),
        ({"dropout": 0.95}, "the dropout is 0.95"),
        ({"lr": 2.0}, "the learning rate is 2"),
        ({"measure": "parkinson"}, "parkinson measures volatility, but the target is return"),
        ({"extras": ("ticker",)}, "read only if it is named and chosen"),
        ({"beside": "0" * 64}, "read only if it is named and chosen"),
        ({"cells": ("birnn",), "network_type": "many-to-many"}, "it would see the future"),
        ({"cells": ("lstm",), "target": "direction", "loss": "student-t"}, "student-t loss does not fit"),
        ({"classical": ("theta",), "target": "direction"}, "Theta does not forecast the direction"),
        (
            {"classical": ("har-qlike",)},
            "HAR by QLIKE does not forecast the log return: it only forecasts how much a day moves",
        ),
        ({"classical": ("har-x",)}, "HAR-X reads further inputs, and none are chosen; choose some or leave the model out"),
    ],
)
def test_impossible_requests_say_what_to_change(settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        CompareRequest(**({"symbol": "SIM", "prices": "0" * 64} | settings))


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.title)
def test_the_default_request_is_legal_for_every_target(target: Target) -> None:
    request, _ = request_on(garch(600), target=target.name, measure=target.measure)
    assert request.classical == quick_for(target)
    assert request == request_on(garch(600), target=target.name, measure=target.measure, classical=quick_for(target)[::-1])[0]
    assert key_of(request) == key_of(parse_request(request.model_dump_json()))


def test_theta_is_in_every_default_comparison_but_that_of_directions() -> None:
    assert [target.name for target in first_measures() if "theta" not in quick_for(target)] == ["direction"]


def test_models_of_the_variance_and_of_sizes_are_in_default_comparisons_of_sizes() -> None:
    of_sizes = {"har-leverage", "har-qlike", "gjr"}
    assert {target.name for target in first_measures() if of_sizes & set(quick_for(target))} == {"volatility"}
    assert of_sizes <= set(quick_for(target_of("volatility", "parkinson")))


def test_request_survives_json_and_keeps_its_key() -> None:
    request, _ = request_on(garch(600), start=date(2010, 2, 1), target="volatility", cells=("gru",))
    assert parse_request(request.model_dump_json()) == request
    assert key_of(parse_request(request.model_dump_json())) == key_of(request)
    assert request.inputs == (request.prices,)
    assert "SIM" in request.title


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"cells": ("gru", "lstm")}, {"cells": ("lstm", "gru", "lstm")}),
        ({"classical": ("har", "ar")}, {"classical": ("ar", "random-walk", "har", "ar")}),
        ({"classical": ()}, {"classical": ("random-walk",)}),
        ({}, {"cells": ["gru", "lstm", "birnn", "rnn"], "classical": quick_for(target_of("return"))[::-1]}),
    ],
)
def test_equal_questions_are_one_run(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = (request_on(garch(600), **settings)[0] for settings in (one, other))
    assert first == second
    assert key_of(first) == key_of(second) == key_of(parse_request(second.model_dump_json()))


def test_the_random_walk_and_the_reference_of_the_target_are_always_among_the_rivals() -> None:
    returns, sizes = (request_on(garch(600), target=target, classical=("ewma",))[0] for target in ("return", "volatility"))
    assert returns.rivals == ("random-walk", "ewma")
    assert sizes.rivals == ("random-walk", "ewma", "har")


def test_with_further_inputs_there_are_linear_models_that_read_them() -> None:
    with_weekday, without = (request_on(garch(600), classical=("ar",), extras=extras)[0] for extras in (("weekday",), ()))
    assert with_weekday.rivals == ("random-walk", "ar", "ar-x", "har-x")
    assert without.rivals == ("random-walk", "ar")


@pytest.mark.parametrize(
    ("field", "names"), [("cells", ("gru", "tcn")), ("cells", ("random-walk",)), ("classical", ("ar", "gru")), ("cells", 3)]
)
def test_an_unknown_model_is_told_with_its_field(field: str, names: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        request_on(garch(600), **{field: names})
    assert {error["loc"][0] for error in refusal.value.errors()} == {field}


def test_the_example_that_ships_is_still_read() -> None:
    with zipfile.ZipFile(EXAMPLES / "2-compare.gridcast") as bundle:
        assert CompareResult.from_bytes(bundle.read("result.safetensors")).symbol == "^GSPC"
