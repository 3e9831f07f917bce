from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.stn.geometry.warping import Sampling
from core.stn.warp.aliasing import stripes, zoomed_out
from core.stn.warp.figures import generations, gradient_field, reading, spectrum
from core.stn.warp.pixel_reading import reads

GREY = np.arange(20 * 30, dtype=np.uint16).reshape(20, 30).astype(np.uint8)


def test_the_pixels_that_are_read_are_framed() -> None:
    drawn = reading(reads(20, 30, (0.01, 0.02)), GREY)
    frames = {((shape.x0 + shape.x1) / 2, (shape.y0 + shape.y1) / 2) for shape in drawn.layout.shapes}
    assert frames == {(14, 9), (15, 9), (14, 10), (15, 10)}
    crop = drawn.data[0]
    assert crop.z[list(crop.y).index(9)][list(crop.x).index(14)] == GREY[9, 14]


@pytest.mark.parametrize("point", [(5.0, -5.0), (-0.99, 0.99), (0.0, 0.0)])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_a_reading_anywhere_can_be_drawn(point: tuple[float, float], padding: str) -> None:
    drawn = reading(reads(20, 30, point, "lanczos", padding), GREY, "dark")  # type: ignore[arg-type]
    assert drawn.data[0].z.size > 0


def test_the_dead_zone_lies_over_the_gradient() -> None:
    dead = np.array([[True, False], [False, False]])
    drawn = gradient_field(np.ones((2, 2)), dead, 3.0, "∂V/∂x")
    assert (drawn.data[0].zmin, drawn.data[0].zmax) == (-3, 3)
    assert np.array_equal(np.isfinite(drawn.data[1].z), dead)


def test_a_lossless_turn_stays_inside_the_figure() -> None:
    curve = pd.DataFrame({"k": [1, 2], "resampled_db": [30.0, 25.0], "composed_db": [30.0, np.inf]})
    drawn = generations(curve, 2)
    assert max(drawn.data[0].y) <= drawn.layout.yaxis.range[1]
    assert "inf" in str(drawn.data[0].customdata[1])


def test_the_smaller_picture_ends_where_its_spectrum_does() -> None:
    table = zoomed_out(stripes(), 4, Sampling()).spectrum
    drawn = spectrum(table)
    assert [len(line.x) for line in drawn.data] == [32, 8, 8]
    assert drawn.layout.shapes[0].x0 == 8
