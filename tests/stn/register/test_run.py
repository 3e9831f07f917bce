"""Registrations end at the known truth, or say that they have not."""

from __future__ import annotations

import numpy as np
import pytest

from core.drive import returned
from core.errors import InvalidRequest
from core.stn.geometry.theta import Parts, theta_of
from core.stn.register.descent import descend
from core.stn.register.measures import MEASURES
from core.stn.register.pictures import levels_of
from core.stn.register.result import DESCENT, NOTHING, RegisterResult
from core.stn.register.run import check, run
from tests.stn.register.requests import pair_of, registered, request_for, small


@pytest.mark.parametrize(("name", "family"), [("coffee", "similarity"), ("chelsea", "projective")])
def test_theta_is_the_truth_within_half_a_pixel(name: str, family: str) -> None:
    result = registered(name, family)
    truth = pair_of(name, family).truth
    corners = np.array([[-1.0, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]]) * [1.2, 1, 1]
    planes = [np.vstack([theta, [0, 0, 1]])[:3] @ corners.T for theta in (result.theta, truth)]
    found, known = ((plane[:2] / plane[2]).T for plane in planes)
    short = min(result.fixed.shape[:2])
    assert np.linalg.norm(found - known, axis=1).mean() * short / 2 < 0.5
    assert result.believed
    assert result.errors[DESCENT] < 0.5 < result.errors[NOTHING]


@pytest.mark.parametrize("measure", ["mi", "squared"])
def test_a_shift_is_found_by_every_measure_in_the_same_light(measure: str) -> None:
    photo = small("coins")
    moving, fixed = photo[4:60, 3:67], photo[2:58, 6:70]
    levels = levels_of(moving, fixed, MEASURES[measure].levelled)
    [theta] = returned(descend(levels, "translation", MEASURES[measure], 0.0))
    np.testing.assert_allclose(theta.numpy(), [[1, 0, 3 * 2 / 56], [0, 1, -2 * 2 / 56]], atol=0.2 * 2 / 56)


def test_pictures_of_different_things_are_not_believed() -> None:
    result = returned(run(*request_for(small("coffee"), pair_of("chelsea").fixed)))
    assert not result.believed
    assert result.headline.startswith("not believed: ")
    assert "; details correlate by" in result.headline
    assert (result.standing.health, result.judgement.level) == ("unhealthy", "bad")


def test_a_start_by_hand_is_gone_on_from() -> None:
    square = small("coffee")[:, :64]
    turned = np.rot90(square).copy()  # counter-clockwise, farther than the fan of starts
    levels = levels_of(square, turned)
    start = theta_of(Parts(rotation_deg=85.0, shift_x=0.05)).numpy()
    begun, fan = (
        returned(descend(levels, "similarity", MEASURES["ncc"], 15.0, given))[0].numpy() for given in (start, None)
    )  # fmt: skip
    np.testing.assert_allclose(begun, [[0, -1, 0], [1, 0, 0]], atol=0.01)
    assert np.abs(fan - begun).max() > 0.5


def test_one_flat_colour_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="one flat colour"):
        check(*request_for(small("coffee"), np.full((40, 40, 3), 9, np.uint8)))


@pytest.mark.parametrize("start", [(1.0, 0.0), (float("nan"),) * 6, (1.0, 0, 0, 0, 1, 0, 0, 0, -1)])
def test_a_start_that_is_no_theta_is_refused(start: tuple[float, ...]) -> None:
    with pytest.raises(InvalidRequest, match="the start "):
        request_for(small("coffee"), small("coffee"), start=start)


def test_a_result_is_the_same_from_its_file() -> None:
    result = registered()
    again = RegisterResult.from_bytes(result.to_bytes())
    assert (again.headline, again.believed) == (result.headline, result.believed)
    np.testing.assert_array_equal(again.frame_theta, result.frame_theta)
