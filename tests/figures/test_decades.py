"""Logarithmic axes name powers of ten, in full."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.figures.decades import MOST, log_axis, log_ticks
from core.rnn.compare.overview_figures import price_chart
from core.stn.drawing.losses import loss_curve


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.004, 1.2, ["0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]),
        (3e-4, 40, ["0.001", "0.01", "0.1", "1", "10"]),
        (1, 200_000, ["1", "10", "100", "1,000", "10,000", "100,000"]),
        (2e-9, 3e-6, ["10<sup>−8</sup>", "10<sup>−7</sup>", "10<sup>−6</sup>"]),
        (27.6, 97, ["40", "60", "80"]),
        (21.3, 24.9, ["22", "23", "24"]),
        (0.000431, 0.0004871, ["0.00044", "0.00046", "0.00048"]),
        (7, 7, ["7"]),
    ],
)
def test_decades_are_named_and_parts_of_them_in_full(low: float, high: float, said: list[str]) -> None:
    assert log_axis([low, high, 0, -3, math.nan])["ticktext"] == said


@given(st.floats(1e-12, 1e12), st.floats(1, 1e12))
def test_every_tick_lies_on_the_axis_and_none_is_named_twice(low: float, factor: float) -> None:
    ticks = log_ticks(low, low * factor)
    assert all(low * 0.99 <= tick <= low * factor * 1.01 for tick in ticks)
    assert sorted(set(ticks)) == ticks
    assert 1 <= len(ticks) <= max(MOST, 9)


def test_numbers_that_have_no_logarithm_name_nothing() -> None:
    assert log_axis([0.0], []) == {"type": "log"}


@pytest.mark.parametrize(
    "drawn",
    [
        price_chart(np.arange("2020-01-01", "2020-01-04", dtype="datetime64[D]"), np.array([9.0, 30.0, 1200.0]), None),
        loss_curve([1, 2, 3], [9.0, 30.0, 1200.0], "loss", logarithmic=True),
    ],
    ids=["prices", "losses"],
)
def test_a_figure_on_a_logarithmic_scale_names_its_decades(drawn: go.Figure) -> None:
    assert {"10", "100", "1,000"} <= set(drawn.layout.yaxis.ticktext)
