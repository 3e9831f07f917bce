from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.runs.request import Progress
from core.stn.align.result import AlignResult
from core.stn.align.run import check, run
from core.stn.align.turned_digits import turned_digits
from core.stn.datasets.samples import sample
from core.stn.geometry.theta import Parts, theta_of
from core.stn.geometry.warping import warp
from tests.drive import played
from tests.stn.align.requests import request_for


def finished(photos: list[np.ndarray], **settings: Any) -> tuple[list[Progress], AlignResult]:
    request, inputs = request_for(photos, **settings)
    return played(run(request, inputs))


@pytest.fixture(scope="module")
def digits() -> tuple[list[Progress], AlignResult]:
    turned = turned_digits(4)
    return finished([one.pixels for one in turned.pictures], turned_deg=turned.turned_deg)


def test_an_image_of_one_colour_is_named() -> None:
    request, inputs = request_for([sample("coffee").pixels] * 4 + [np.full((30, 30, 3), 200, np.uint8)])
    with pytest.raises(InvalidRequest, match="photo 4 is one flat colour"):
        check(request, inputs)


@pytest.mark.slow
def test_turned_digits_come_to_lie_on_top_of_each_other(digits: tuple[list[Progress], AlignResult]) -> None:
    _, result = digits
    scores = result.scores
    assert scores["variance_after"] <= scores["variance_before"] * 2 / 3
    assert scores["angle_spread_after_deg"] <= 8 < scores["angle_spread_before_deg"]
    assert scores["sharpness_after"] > 1.5 * scores["sharpness_before"]
    assert scores["flagged"] <= 4
    assert result.headline.startswith("variance down by")


@pytest.mark.slow
def test_every_image_has_a_row_with_its_theta(digits: tuple[list[Progress], AlignResult]) -> None:
    rows = json.loads(json.dumps(digits[1].scores))["images"]
    assert len(rows) == 30
    assert all(np.shape(row["theta"]) == (2, 3) and isinstance(row["ok"], bool) for row in rows)
    theta = np.array(rows[0]["theta"])  # a square frame
    assert np.degrees(np.arctan2(theta[1, 0], theta[0, 0])) == pytest.approx(-rows[0]["angle_deg"], abs=1e-3)
    assert np.hypot(*theta[:, 0]) == pytest.approx(rows[0]["scale"], abs=1e-4)


@pytest.mark.slow
def test_theta_takes_each_image_to_the_one_that_is_shown(digits: tuple[list[Progress], AlignResult]) -> None:
    result = digits[1]
    for number in (0, 13, 29):
        assert np.array_equal(result.after[str(number)], warp(result.before[str(number)], result.thetas[number]))


@pytest.mark.slow
def test_the_film_ends_sharper_than_it_began(digits: tuple[list[Progress], AlignResult]) -> None:
    steps, result = digits
    assert 3 <= len(result.film) <= 24
    assert len(result.film) == len(result.film_variance) == len(result.film_seconds)
    assert result.film_variance[-1] < result.film_variance[0]
    assert result.film_seconds == sorted(result.film_seconds)
    assert any("The mean image so far" in step.pictures for step in steps)


@pytest.mark.slow
def test_a_result_survives_its_file(digits: tuple[list[Progress], AlignResult]) -> None:
    again = AlignResult.from_bytes(digits[1].to_bytes())
    assert again.scores == digits[1].scores
    assert np.array_equal(again.after["3"], digits[1].after["3"])


@pytest.mark.slow
def test_images_of_mixed_sizes_and_shapes_align() -> None:
    photo = sample("chelsea").pixels
    angles = [-20.0, 10.0, 0.0, 25.0, -5.0, 15.0]
    bent = [warp(photo, theta_of(Parts(angle)).float()) for angle in angles]
    bent[1], bent[2] = bent[1][::2, ::2], bent[2][:, 64:320]  # a smaller one, and a square from the middle
    _, result = finished(bent)
    left = result.images.angle_deg - angles
    assert (left - left.median()).abs().max() < 1.5
    assert result.thetas.shape == (6, 2, 3)
    assert result.after["1"].shape[1] < result.after["0"].shape[1] + 1


@pytest.mark.slow
def test_one_image_many_times_is_aligned_already() -> None:
    _, result = finished([sample("coffee").pixels] * 5)
    assert result.headline == "they lie on top of each other already"
    assert result.gain == 0
    assert result.flagged == 0
    assert np.allclose(result.thetas, np.eye(2, 3), atol=1e-4)


@pytest.mark.slow
def test_a_short_budget_makes_fewer_steps_and_still_aligns() -> None:
    turned = turned_digits(2)
    _, result = finished([one.pixels for one in turned.pictures], budget=3.0)
    assert 24 <= result.steps <= 280
    assert result.variance_after < result.variance_before
