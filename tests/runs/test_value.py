from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from core.errors import StoreError
from core.runs.value import StoredValue


class Verdict(BaseModel):
    text: str
    sure: bool


class Everything(StoredValue):
    image: np.ndarray
    weights: dict[str, np.ndarray]
    table: pd.DataFrame
    verdict: Verdict
    loss: float
    names: tuple[str, ...]


class Stored(StoredValue):
    total: int
    squares: np.ndarray


def test_a_value_comes_back_whole_without_pickle() -> None:
    table = pd.DataFrame(
        {"date": pd.to_datetime(["2020-01-02", "2020-01-03"]), "model": ["gru", "lstm"], "mae": [1.5, math.nan], "n": [1, 2]}
    )
    value = Everything(
        image=np.arange(12, dtype=np.uint8).reshape(2, 2, 3),
        weights={"a.weight": np.ones((2, 3), np.float32), "a.bias": np.zeros(3, np.float32)},
        table=table,
        verdict=Verdict(text="nothing beats it", sure=True),
        loss=0.25,
        names=("x", "y"),
    )
    content = value.to_bytes()
    back = Everything.from_bytes(content)
    np.testing.assert_array_equal(back.image, value.image)
    assert back.image.dtype == np.uint8
    assert back.weights.keys() == value.weights.keys()
    pd.testing.assert_frame_equal(back.table, table, check_dtype=False)
    assert (back.verdict, back.loss, back.names) == (value.verdict, value.loss, value.names)
    assert b"pickle" not in content
    assert content == back.to_bytes()


def test_a_damaged_file_is_a_store_error() -> None:
    content = Stored(total=3, squares=np.arange(3)).to_bytes()
    for damaged in (b"", content[:20], b"x" * 100, content[:8] + json.dumps({}).encode()):
        with pytest.raises(StoreError):
            Stored.from_bytes(damaged)


class Grown(Stored):
    """What a later version of the lab makes of a stored value."""

    curve: np.ndarray | None = None
    remark: str = "nothing"


def test_a_field_that_came_later_than_the_file_takes_its_default() -> None:
    stored = Stored(total=3, squares=np.arange(3)).to_bytes()
    grown = Grown.from_bytes(stored)
    assert (grown.total, grown.curve, grown.remark) == (3, None, "nothing")


class Renamed(StoredValue):
    """What a later version makes of it that calls a field otherwise."""

    old_names: ClassVar[Mapping[str, str]] = {"sum": "total"}

    sum: int = 0


def test_a_renamed_field_is_read_under_its_old_name() -> None:
    assert Renamed.from_bytes(Stored(total=3, squares=np.arange(3)).to_bytes()).sum == 3
    assert Renamed.from_bytes(Renamed(sum=4).to_bytes()).sum == 4
