from __future__ import annotations

import numpy as np
import pytest
import torch

from core.stn.datasets.images import Picture
from core.stn.geometry.kinds import reach
from core.stn.geometry.theta import Parts, move, theta_of
from pages.parts.warp.corner_points import Pairs
from pages.parts.warp.start_points import start_of
from tests.pages.conftest import OpenPage

MOVING, FIXED = (
    Picture(name, np.zeros((height, width, 3), np.uint8)) for name, height, width in (("a", 60, 90), ("b", 80, 64))
)
TRUTH = {
    "similarity": theta_of(Parts(30, 0.8, 0.8, 0, 0.1, -0.2)),
    "projective": torch.tensor([[0.9, 0.2, 0.1], [-0.1, 0.8, -0.1], [0.1, -0.2, 1]], dtype=torch.float64),
}


@pytest.mark.parametrize("family", TRUTH)
def test_points_on_two_pictures_of_any_size_give_the_theta_that_connects_them(family: str) -> None:
    places = 0.7 * np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1], [0.1, 0.3]])
    square = torch.from_numpy(places * np.array(reach(64, 80)))[None]
    points = move(TRUTH[family][None], square)[0].numpy() / np.array(reach(90, 60))
    assert np.allclose(start_of(Pairs(points, places), MOVING, FIXED, family), TRUTH[family].numpy(), atol=1e-9)


def test_points_that_determine_nothing_begin_no_run(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Register", register_points="true", points="10,10 50,10 90,10 10,90")
    assert not app.exception
    app.button(key="go").click().run()
    assert {error.value for error in app.error} == {"points 1, 2 and 3 lie on a line; move one of them off it"}
    assert "run" not in app.query_params
