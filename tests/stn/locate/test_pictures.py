from __future__ import annotations

import numpy as np

from core.stn.locate.pictures import scene


def test_a_drawn_box_is_green_where_it_fits_and_red_where_it_does_not() -> None:
    black, truth = np.zeros((84, 84, 1), np.uint8), np.array([1 / 3, 0.0, 0.0])
    right = scene(black, truth, truth)
    wrong = scene(black, np.array([1 / 3, 0.6, 0.6]), truth)
    assert right.shape == wrong.shape == (168, 168, 3)
    assert np.array_equal(right[56, 60], [0x2D, 0xD4, 0xBF])  # the upper edge of the middle third
    red = [0xF9, 0x70, 0x66]
    assert (wrong == red).all(axis=2).any()
    assert not (right == red).all(axis=2).any()
    assert not scene(black, None, truth).any()
