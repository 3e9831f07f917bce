from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.stn.datasets.samples import digits, sample, sample_names
from core.stn.straighten.baseline.self_match import SMALLEST, self_match_deg
from core.stn.straighten.run import check
from tests.stn.straighten.pages import checkerboard, disc, noise, page, ramp, wheel
from tests.stn.straighten.requests import request_for


@pytest.mark.parametrize(
    ("picture", "turn"),
    [
        (wheel(5), 72.0),
        (wheel(8), 45.0),
        (wheel(16), 22.5),
        (checkerboard(7), 90.0),
        (checkerboard(8), 90.0),  # and moved by a square
    ],
    ids=["five spokes", "eight", "sixteen", "odd board", "even board"],
)
def test_the_turn_after_which_a_picture_looks_the_same(picture: np.ndarray, turn: float) -> None:
    assert self_match_deg(picture, 45) == pytest.approx(turn, abs=1)


def test_a_disc_looks_the_same_at_any_turn() -> None:
    turn = self_match_deg(disc(), 45)
    assert turn is not None
    assert SMALLEST < turn <= 2 * SMALLEST  # the first that counts, or the best near it


@pytest.mark.parametrize("make", [ramp, noise, page])
def test_pictures_that_only_fade_or_never_match_can_be_solved(make: Callable[[], np.ndarray]) -> None:
    assert self_match_deg(make(), 45) is None


def test_no_sample_looks_the_same_when_turned() -> None:
    digit_pictures = [np.repeat(digits(label, 1)[0][..., None], 3, axis=2) for label in range(10)]
    assert all(self_match_deg(picture, 90) is None for picture in digit_pictures)
    assert all(self_match_deg(sample(name).pixels, 180) is None for name in sample_names())


def test_a_wheel_that_is_turned_by_less_than_half_its_spokes_can_be_solved() -> None:
    assert self_match_deg(wheel(5), 30) is None
    assert self_match_deg(wheel(5), 40) == pytest.approx(72, abs=1)


@pytest.mark.parametrize(("picture", "words"), [(wheel(8), "turned by 45°.*less than ±22°"), (disc(), "turned by ")])
def test_it_is_said_before_training(picture: np.ndarray, words: str) -> None:
    request, inputs = request_for([picture])
    with pytest.raises(InvalidRequest, match=f"photo 0 looks the same when it is {words}"):
        check(request, inputs)


def test_a_family_that_does_not_turn_takes_any_picture() -> None:
    request, inputs = request_for([disc()], family="translation")
    check(request, inputs)
