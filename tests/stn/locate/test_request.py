from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidRequest
from core.runs.kinds import parse_request
from core.runs.request import key_of
from core.stn.locate.request import LocateRequest


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"digit": 10}, "digit is 10; choose one from 0 to 9"),
        ({"images": 4}, "4 images will not do; choose between 5 and 500"),
        ({"images": 10_000}, "10000 images will not do"),
        ({"steps": 0}, "0 steps will not do"),
        ({"budget": 1.0}, "between 3 and 600"),
        ({"budget": float("nan")}, "between 3 and 600"),
        ({"seed": -1}, "seed is -1"),
        ({"objects": ("0" * 64,)}, "1 pictures came with 0 names"),
    ],
)
def test_impossible_requests_say_what_to_change(settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        LocateRequest(**settings)


def test_request_survives_json_and_keeps_its_key() -> None:
    request = LocateRequest(digit=3, clutter=False)
    assert parse_request(request.model_dump_json()) == request
    assert key_of(parse_request(request.model_dump_json())) == key_of(request) != key_of(LocateRequest(digit=3))
    assert request.title == "Locate the digit 3 in 100 images, alone"
