"""Photos to learn from that lie on their side are noticed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.stn.datasets.digits import shipped
from core.stn.datasets.samples import sample, sample_names
from core.stn.straighten.baseline.deskew import lines_of
from core.stn.straighten.baseline.lying import lines_run_down, not_upright, quarters_of
from core.stn.straighten.run import run
from tests.drive import played
from tests.stn.straighten.pages import checkerboard, page, wheel
from tests.stn.straighten.requests import request_for
from tests.stn.straighten.upright import fence, street, wood


def turned(picture: np.ndarray, quarters_clockwise: int) -> np.ndarray:
    return np.ascontiguousarray(np.rot90(picture, -quarters_clockwise))


def of_a_kind(label: int, count: int = 12) -> list[np.ndarray]:
    """Pictures of one digit in three channels."""
    test = shipped().test
    return [np.repeat(image[..., None], 3, axis=2) for image in test.images[test.labels == label][:count]]


@pytest.mark.parametrize("size", [10, 14, 22])
@pytest.mark.parametrize("quarters", [1, 3])
def test_a_page_whose_lines_run_down_lies_on_its_side(size: int, quarters: int) -> None:
    assert lines_run_down(turned(page(size), quarters))
    assert not_upright([turned(page(size), quarters)], ["letter.png"]) == (
        "letter.png seems to lie on its side: its lines run from top to bottom",
    )
    assert not_upright([page(size)], ["letter.png"]) == ()


def test_a_page_has_as_many_lines_as_were_written() -> None:
    assert [lines_of(page(size)) for size in (10, 14, 22)] == [22, 16, 10]


@pytest.mark.parametrize("quarters", range(4))
def test_no_sample_photo_is_a_page_on_its_side_however_it_lies(quarters: int) -> None:
    photos = [turned(sample(name).pixels, quarters) for name in sample_names()]
    assert not any(map(lines_run_down, [*photos, wheel(8), checkerboard()]))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("draw", [street, fence, wood])
def test_an_upright_picture_with_rows_from_top_to_bottom_is_no_page(draw: Callable[[int], np.ndarray], seed: int) -> None:
    assert not lines_run_down(draw(seed))


@pytest.mark.parametrize("label", [3, 7])
@pytest.mark.parametrize(
    ("quarters", "words"), [(1, "on its side, turned clockwise"), (3, "on its side, turned counter-clockwise")]
)
def test_of_pictures_of_a_kind_one_that_lies_on_its_side_is_noticed(label: int, quarters: int, words: str) -> None:
    found = 0
    for lying in range(12):
        photos = of_a_kind(label)
        photos[lying] = turned(photos[lying], quarters)
        sentences = not_upright(photos, [f"photo {number}" for number in range(12)])
        assert all(sentence.startswith(f"photo {lying} seems to lie on its side") for sentence in sentences)
        found += sum(sentence.endswith(words) for sentence in sentences)
    assert found >= 8


def test_upright_pictures_of_a_kind_and_pictures_that_are_unlike_are_left_alone() -> None:
    assert not any(quarters_of(of_a_kind(3)) + quarters_of(of_a_kind(7)))
    assert not_upright([sample(name).pixels for name in sample_names()], sample_names()) == ()


@pytest.mark.slow
def test_a_run_says_it_before_and_after_the_training() -> None:
    steps, result = played(run(*request_for([turned(page(), 1)], budget=3)))
    assert "lie on its side" in next(step.note for step in steps if step.phase == "setting up the network")
    assert result.scores["not_upright"] == result.not_upright[0]
