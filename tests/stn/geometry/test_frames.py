from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.stn.geometry.frames import in_disc


@pytest.mark.parametrize(("width", "height"), [(64, 64), (65, 65), (90, 40), (33, 70)])
def test_the_disc_is_the_largest_centred_circle_of_the_picture(width: int, height: int) -> None:
    disc = in_disc(width, height).numpy()
    assert disc.shape == (height, width)
    y, x = np.ogrid[:height, :width]
    by_pixels = np.hypot(x - (width - 1) / 2, y - (height - 1) / 2) <= min(width, height) / 2
    np.testing.assert_array_equal(disc, by_pixels)


def test_a_smaller_radius_is_a_smaller_share_of_the_short_side() -> None:
    drawn = Image.new("1", (200, 100))
    ImageDraw.Draw(drawn).ellipse((75, 25, 125, 75), fill=1)
    assert np.mean(in_disc(200, 100, radius=0.5).numpy() != np.asarray(drawn)) < 0.01
