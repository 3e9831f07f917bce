from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidRequest
from core.runs.kinds import parse_request
from core.runs.request import key_of
from core.stn.add.request import AddRequest


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"models": ()}, "models are none; name at least one"),
        ({"models": ("fcn", "fcn")}, "models are fcn, fcn; name at least one, each once"),
        ({"mnist": ("0" * 64,)}, "MNIST is 4 files, not 1"),
        ({"budget": 1.0}, "between 3 and 7,200"),
        ({"budget": float("inf")}, "between 3 and 7,200"),
        ({"steps": 0}, "0 steps will not do"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_impossible_requests_say_what_to_change(settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        AddRequest(**settings)


def test_request_survives_json_and_keeps_its_key() -> None:
    request = AddRequest(family="tps", models=("st-fcn",))
    assert parse_request(request.model_dump_json()) == request
    assert key_of(parse_request(request.model_dump_json())) == key_of(request)
    assert request.title == "Add two digits of the shipped 5,000 by ST-FCN (thin plate spline)"
