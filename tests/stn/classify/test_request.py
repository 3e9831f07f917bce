from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidRequest
from core.runs.kinds import parse_request
from core.runs.request import key_of
from core.stn.classify.request import ClassifyRequest
from tests.stn.classify.requests import D, uploads


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"digits": None}, "there are no pictures"),
        ({"images": D[:2], "names": ("a", "b"), "labels": ("x", "y")}, "both digits and 2 pictures"),
        ({"digits": "mnist"}, "MNIST is 4 files, not 0"),
        ({"models": ()}, "the models are none"),
        ({"models": ("cnn", "cnn")}, "the models are cnn, cnn"),
        ({"transformers": 4}, "4 transformers"),
        ({"budget": 1.0}, "time for a model is 1 s"),
        ({"budget": float("nan")}, "time for a model is nan s"),
        ({"side": 20}, "20 pixels a side"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_impossible_requests_say_what_to_change(settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        ClassifyRequest(**({"digits": "shipped"} | settings))


@pytest.mark.parametrize(
    ("labels", "settings", "cause"),
    [
        (("a",), {}, "one picture only"),
        (("a", "a", "a"), {}, "all 3 pictures are of the class 'a'"),
        (("a", "a", "b"), {}, "one picture of 'b'"),
        (("a", "b") * 510, {}, "1,020 pictures are too many"),
        (("a", "b") * 2, {"names": ("x",)}, "4 pictures came with 1 names and 4 labels"),
        (("a", "b") * 3, {"folds": 4}, "4 folds need as many pictures of every class, the smallest has 3"),
    ],
)
def test_uploads_that_cannot_be_learned_are_refused(labels: tuple[str, ...], settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        uploads(*labels, **settings)


def test_request_survives_json_and_keeps_its_key() -> None:
    request = uploads("a", "b", "a", "b", models=("st-fcn", "fcn", "modern-cnn"), family="tps", distortion="E")
    assert parse_request(request.model_dump_json()) == request
    assert key_of(parse_request(request.model_dump_json())) == key_of(request)
    assert request.title == "Classify 4 pictures, elastic: ST-FCN, FCN against modern CNN"
