from __future__ import annotations

import numpy as np
import pytest

from core.errors import ImageError
from core.stn.datasets.samples import digits, sample, sample_names


def test_every_sample_is_a_photo_within_384_pixels() -> None:
    assert len(sample_names()) == 8
    for name in sample_names():
        pixels = sample(name).pixels
        assert max(pixels.shape) == 384
        assert pixels.dtype == np.uint8
        assert pixels.std() > 10


def test_unknown_sample_is_named_with_those_that_exist() -> None:
    with pytest.raises(ImageError, match=r"'dog'.*astronaut"):
        sample("dog")


def test_first_test_digits_are_seven_two_one() -> None:
    assert digits(count=500).shape == (500, 28, 28)
    assert np.array_equal(digits(count=3), np.stack([digits(7, 1)[0], digits(2, 1)[0], digits(1, 1)[0]]))


def test_digits_of_one_label_look_alike() -> None:
    ones, zeros = digits(1, 20).mean(axis=0), digits(0, 20).mean(axis=0)
    assert ones[14, 14] > 128 > 60 > zeros[14, 14]
