from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from core.errors import InvalidRequest
from core.runs.kinds import parse_request
from core.runs.request import key_of
from core.stn.align.command import align
from core.stn.align.request import AlignRequest
from core.stn.datasets.samples import sample
from core.stn.geometry.families import FAMILIES
from tests.stn.align.requests import request_for
from tests.stn.geometry.stretch import STRETCH


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"images": (), "names": ()}, "0 images are too few"),
        ({"images": ("0" * 64,), "names": ("a",)}, "1 image is too few"),
        ({"images": ("0" * 64,) * 101, "names": ("a",) * 101}, "101 images are too many"),
        ({"images": ("0" * 64,) * 10_000, "names": ("a",) * 10_000}, "10,000 images are too many"),
        ({"names": ("a", "b")}, "5 images came with 2 names"),
        ({"turned_deg": (1.0, 2.0)}, "5 images came with 2 known angles"),
        ({"turned_deg": (1.0, 2.0, float("nan"), 4.0, 5.0)}, "not a finite number"),
        ({"family": "tps"}, "cannot be aligned by tps"),
        ({"max_angle": float("nan")}, "largest angle is nan°"),
        ({"max_angle": 181.0}, "largest angle is 181°"),
        ({"budget": 1.0}, "between 3 and 600"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_impossible_requests_say_what_to_change(settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        AlignRequest(**({"images": ("0" * 64,) * 5, "names": tuple("abcde")} | settings))


def test_a_new_row_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "stretch", STRETCH)
    assert request_for([sample("coffee").pixels] * 5, family="stretch")[0].family == "stretch"
    shown = " ".join(CliRunner().invoke(align, ["--help"]).output.split())
    assert ", affine, stretch." in shown
    assert "tps" not in shown


def test_request_survives_json_and_keeps_its_key() -> None:
    request, _ = request_for([sample("coffee").pixels] * 5, turned_deg=(1.0, 2.0, 3.0, 4.0, 5.0))
    again = parse_request(request.model_dump_json())
    assert again == request
    assert key_of(again) == key_of(request)
