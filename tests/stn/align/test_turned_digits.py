from __future__ import annotations

import numpy as np

from core.stn.align.turned_digits import turned_digits
from core.stn.datasets.samples import digits


def test_names_say_by_how_much_each_digit_was_turned() -> None:
    sample = turned_digits(7, count=3)
    assert [one.name for one in sample.pictures] == [
        f"seven {number:02d} turned {angle:.1f}°" for number, angle in enumerate(sample.turned_deg, start=1)
    ]
    assert max(map(abs, sample.turned_deg)) <= 40


def test_it_is_the_same_sample_every_time() -> None:
    first, second = turned_digits(2, count=4), turned_digits(2, count=4)
    assert first.turned_deg == second.turned_deg
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first.pictures, second.pictures, strict=True))


def test_unturned_digits_are_the_shipped_ones() -> None:
    for one, digit in zip(turned_digits(4, count=3, reach=0.0).pictures, digits(4, 3), strict=True):
        assert np.abs(one.pixels[..., 0].astype(int) - digit).max() <= 1


def test_positive_angles_turn_counter_clockwise() -> None:
    """A one that is turned counter-clockwise leans to the left: its top lies left of its foot."""
    sample = turned_digits(1, count=30)
    rows, columns = np.mgrid[:28, :28]
    leans = []
    for one in sample.pictures:
        weight = one.pixels[..., 0] / one.pixels[..., 0].sum()
        y, x = rows - (weight * rows).sum(), columns - (weight * columns).sum()
        leans.append((weight * x * y).sum() / (weight * y * y).sum())  # columns to the right per row down
    assert np.corrcoef(leans, sample.turned_deg)[0, 1] > 0.7
