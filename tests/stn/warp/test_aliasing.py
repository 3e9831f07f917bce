from __future__ import annotations

import numpy as np
import pytest

from core.stn.geometry.warping import Sampling
from core.stn.warp.aliasing import SINE_CYCLES, stripes, zone_plate, zoomed_out


def test_false_stripes_appear_without_care_and_hardly_with_it() -> None:
    zoomed = zoomed_out(stripes(), 4, Sampling())
    assert zoomed.plain.shape == zoomed.antialiased.shape == (16, 16, 3)
    assert zoomed.plain_std > 0.25
    assert zoomed.antialiased_std < 0.03


def test_the_spectrum_shows_fifteen_periods_come_back_as_one() -> None:
    spectrum = zoomed_out(stripes(), 4, Sampling()).spectrum.set_index("cycles")
    assert spectrum.original.idxmax() == SINE_CYCLES
    assert spectrum.original[SINE_CYCLES] == pytest.approx(0.5, abs=0.01)
    assert spectrum.plain.idxmax() == 16 - SINE_CYCLES
    assert spectrum.plain[1] > 0.3 > 0.05 > spectrum.antialiased.max()
    assert spectrum.plain.last_valid_index() == 8


def test_without_a_zoom_both_are_the_picture(photo: np.ndarray) -> None:
    small = photo[:50, :70]
    zoomed = zoomed_out(small, 1, Sampling())
    assert np.array_equal(zoomed.plain, small)
    assert np.array_equal(zoomed.antialiased, small)


def test_the_rings_are_finest_at_the_edges_and_aliased_by_a_zoom() -> None:
    rings = zone_plate()
    assert rings[128, 128].tolist() == [255, 255, 255]
    assert (
        np.abs(np.diff(rings[128, 118:138, 0].astype(int))).max() < 40 < np.abs(np.diff(rings[128, :20, 0].astype(int))).max()
    )
    zoomed = zoomed_out(rings, 3, Sampling())
    assert zoomed.plain_std > 3 * zoomed.antialiased_std
