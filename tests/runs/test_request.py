from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel, ValidationError

from core.errors import InvalidRequest, StoreError
from core.runs.kinds import parse_request
from core.runs.request import key_of
from core.runs.result import Result
from tests.runs.count import CountRequest, CountResult


class Verdict(BaseModel):
    text: str
    sure: bool


class Everything(Result):
    image: np.ndarray
    weights: dict[str, np.ndarray]
    table: pd.DataFrame
    verdict: Verdict
    loss: float
    names: tuple[str, ...]

    @property
    def scores(self) -> float:
        return self.loss

    @property
    def headline(self) -> str:
        return self.verdict.text


def test_equal_questions_have_the_same_key_and_others_have_not() -> None:
    assert key_of(CountRequest(to=3)) == key_of(CountRequest(to=3))
    assert len({key_of(CountRequest(to=n, pause=p)) for n in range(5) for p in (0.0, 0.1)}) == 10


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


def test_a_result_comes_back_whole_without_pickle() -> None:
    table = pd.DataFrame(
        {"date": pd.to_datetime(["2020-01-02", "2020-01-03"]), "model": ["gru", "lstm"], "mae": [1.5, math.nan], "n": [1, 2]}
    )
    told = Everything(
        image=np.arange(12, dtype=np.uint8).reshape(2, 2, 3),
        weights={"a.weight": np.ones((2, 3), np.float32), "a.bias": np.zeros(3, np.float32)},
        table=table,
        verdict=Verdict(text="nothing beats it", sure=True),
        loss=0.25,
        names=("x", "y"),
    )
    content = told.to_bytes()
    back = Everything.from_bytes(content)
    np.testing.assert_array_equal(back.image, told.image)
    assert back.image.dtype == np.uint8
    assert back.weights.keys() == told.weights.keys()
    pd.testing.assert_frame_equal(back.table, table, check_dtype=False)
    assert (back.verdict, back.loss, back.names) == (told.verdict, told.loss, told.names)
    assert b"pickle" not in content
    assert content == back.to_bytes()


def test_a_damaged_result_is_a_store_error() -> None:
    content = CountResult(total=3, squares=np.arange(3)).to_bytes()
    for damaged in (b"", content[:20], b"x" * 100, content[:8] + json.dumps({}).encode()):
        with pytest.raises(StoreError):
            CountResult.from_bytes(damaged)


class Grown(CountResult):
    """What a later version of the lab makes of a stored CountResult."""

    curve: np.ndarray | None = None
    remark: str = "nothing"


def test_a_field_that_came_later_than_the_file_takes_its_default() -> None:
    stored = CountResult(total=3, squares=np.arange(3)).to_bytes()
    grown = Grown.from_bytes(stored)
    assert (grown.total, grown.curve, grown.remark) == (3, None, "nothing")
