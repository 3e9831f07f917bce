from __future__ import annotations

import numpy as np

from core.figures.table import figure_table
from core.stn.drawing.shares import share_map


def test_a_share_beyond_the_colours_keeps_its_number() -> None:
    table = figure_table(share_map(["first", "second"], ["transformer 1"], np.array([[-38.0, 71.5]]), 150, "%{text}"))
    assert table["z"].tolist() == [-38.0, 71.5]
