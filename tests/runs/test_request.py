from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from pydantic import ValidationError

from core.errors import InvalidRequest
from core.runs.kinds import parse_request
from core.runs.request import LONGEST_TEXT, Request, key_of
from tests.runs.count import CountRequest
from tests.runs.counts import CountsRequest


def test_equal_questions_have_the_same_key_and_others_have_not() -> None:
    assert key_of(CountRequest(to=3)) == key_of(CountRequest(to=3))
    assert len({key_of(CountRequest(to=n, pause=p)) for n in range(5) for p in (0.0, 0.1)}) == 10


def test_a_field_that_comes_later_changes_no_id_of_a_run_that_does_not_use_it() -> None:
    class Later(CountRequest):
        loudly: bool = False

    assert key_of(Later(to=7)) == key_of(CountRequest(to=7))
    assert key_of(Later(to=7, loudly=True)) != key_of(CountRequest(to=7))


def test_a_kind_is_part_of_the_id_though_it_is_a_default() -> None:
    class Other(CountRequest):
        kind: Literal["other"] = "other"  # type: ignore[assignment]

    assert key_of(Other()) != key_of(CountRequest())


def test_a_request_comes_back_from_its_json() -> None:
    request = CountRequest(to=7)
    assert parse_request(request.model_dump_json()) == request


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"kind": "nonsense"}', '{"kind": "count", "to": "many"}', '{"kind": "count", "x": 1}']
)
def test_what_is_no_request_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_request(text)


def test_a_request_is_frozen() -> None:
    with pytest.raises(ValidationError):
        CountRequest().to = 5  # type: ignore[misc]


@pytest.mark.parametrize("request_", [CountRequest, lambda image: CountsRequest(counts=(CountRequest(image=image),))])
def test_no_name_is_longer_than_a_list_can_show(request_: Callable[..., Request]) -> None:
    request_(image="x" * LONGEST_TEXT)
    with pytest.raises(InvalidRequest, match="has 2,001 letters; a name has at most 2000, so shorten it"):
        request_(image="x" * (LONGEST_TEXT + 1))
