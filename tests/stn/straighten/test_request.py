from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.runs.kinds import parse_request
from core.runs.request import key_of
from core.stn.straighten.request import StraightenRequest
from tests.stn.straighten.requests import request_for


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"images": (), "names": ()}, "no photo"),
        ({"images": ("0" * 64,) * 1001, "names": ("a",) * 1001}, "1,001 photos are too many"),
        ({"names": ("a", "b")}, "1 photos came with 2 names"),
        ({"max_angle": 0.0}, "largest angle is 0°"),
        ({"max_angle": 181.0}, "largest angle is 181°"),
        ({"max_angle": float("nan")}, "largest angle is nan°"),
        ({"budget": 1.0}, "between 3 and 600"),
        ({"budget": 1e9}, "between 3 and 600"),
        ({"seed": -1}, "seed is -1"),
        ({"held_out": 0.6}, "held out is 0.6; choose one from 0 to 0.5"),
        ({"held_out": float("nan")}, "held out is nan"),
    ],
)
def test_impossible_requests_say_what_to_change(settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        StraightenRequest(**({"images": ("0" * 64,), "names": ("a",)} | settings))


def test_request_survives_json_and_keeps_its_key(photo: np.ndarray) -> None:
    request, _ = request_for([photo], family="affine", max_angle=90)
    assert parse_request(request.model_dump_json()) == request
    assert key_of(parse_request(request.model_dump_json())) == key_of(request)
    assert request.title == "Straighten photo 0 by similarity and shear, ±90°"


def test_titles_name_the_reach_only_where_the_family_turns_and_what_is_continued(photo: np.ndarray) -> None:
    assert request_for([photo], family="translation")[0].title == "Straighten photo 0 by shift"
    assert request_for([photo], start="0" * 64)[0].title.endswith(", ±45°, continued for 30 s")


def test_requests_from_when_holding_out_was_a_switch_are_still_understood() -> None:
    shares = {
        given: StraightenRequest(images=("0" * 64,), names=("a",), held_out=given).held_out for given in (True, False, 0.5)
    }
    assert shares == {True: 0.2, False: 0.0, 0.5: 0.5}
