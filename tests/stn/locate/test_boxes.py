from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stn.locate.boxes import overlap


def test_overlap_by_hand() -> None:
    box = np.array([0.5, 0.0, 0.0])
    assert overlap(box, box).item() == pytest.approx(1)
    assert overlap(box, np.array([0.5, 0.5, 0.0])).item() == pytest.approx(0.5 / 1.5)
    assert overlap(box, np.array([0.25, 0.0, 0.0])).item() == pytest.approx(0.25)
    assert overlap(box, np.array([0.5, 1.5, 0.0])).item() == 0


@given(st.lists(st.floats(-1, 1), min_size=4, max_size=4), st.floats(0.05, 1), st.floats(0.05, 1))
def test_overlap_is_symmetric_and_a_share(centres: list[float], one: float, other: float) -> None:
    first, second = np.array([one, *centres[:2]]), np.array([other, *centres[2:]])
    assert overlap(first, second).item() == pytest.approx(overlap(second, first).item(), abs=1e-6)
    assert 0 <= overlap(first, second).item() <= 1 + 1e-6
