from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidRequest
from core.stn.parts.looks import most_looks
from core.stn.parts.request import PartsRequest


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"models": ()}, "the networks are none; name at least one"),
        ({"models": ("cnn", "cnn")}, "name at least one, each once"),
        ({"side": 64}, "pictures of 64 pixels a side will not do; choose 56, 112, 224"),
        ({"budget": 1}, "choose between 3 and 7,200 seconds"),
        ({"steps": 0}, "0 steps will not do"),
        ({"seed": -1}, "the seed is -1"),
        ({"images": ("a", "b"), "names": ("a",), "labels": ("x", "y")}, "2 pictures came with 1 names"),
        ({"images": ("a", "b"), "names": ("a", "b"), "labels": ("x", "x")}, "give pictures of another class too"),
    ],
)
def test_a_mistake_is_one_sentence(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        PartsRequest(**fields)


def test_pictures_that_would_not_fit_into_the_memory_are_refused() -> None:
    count = 2100
    fields = {
        "images": tuple(map(str, range(count))),
        "names": tuple(map(str, range(count))),
        "labels": ("x", "y") * (count // 2),
    }
    with pytest.raises(InvalidRequest, match="2,100 pictures of 224 pixels need too much memory; choose fewer pixels"):
        PartsRequest(**fields)


def test_the_network_with_most_transformers_is_the_one_that_others_are_compared_with() -> None:
    assert most_looks(("cnn", "1xst", "4xst", "2xst")) == "4xst"
    assert most_looks(("cnn", "whole")) == "2xst"
