from __future__ import annotations

import numpy as np
import pytest

from core.stn.align.result import spread_of


def test_spread_by_hand_leaves_whole_turns_out() -> None:
    assert spread_of(np.array([10.0, 12.0, 17.0])) == pytest.approx(2.0)
    assert spread_of(np.array([179.0, -179.0, 178.0])) == pytest.approx(1.0)
