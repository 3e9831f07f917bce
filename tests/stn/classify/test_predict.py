from __future__ import annotations

import numpy as np
import pytest

from core.errors import ImageError
from core.stn.classify.predict import as_digit
from core.stn.datasets.samples import digits
from tests.stn.classify.requests import photographed


@pytest.mark.parametrize("number", range(10))
def test_a_photographed_digit_becomes_one_of_mnist(number: int) -> None:
    original, copy = digits(count=10)[number].astype(float), as_digit(photographed(number)).astype(float)
    assert np.corrcoef(original.ravel(), copy.ravel())[0, 1] > 0.75


def test_an_empty_sheet_shows_no_digit() -> None:
    with pytest.raises(ImageError, match="no digit to be seen"):
        as_digit(np.full((50, 50, 3), 240, np.uint8))
