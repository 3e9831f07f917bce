"""The page about belief says what its numbers are."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from benchmarks.belief import curve, shares
from benchmarks.belief_page import _interval, drawn


def answers() -> pd.DataFrame:
    """Four of its own photos and two others: one believed wrongly, one right answer not believed."""
    belief = np.array([0.99, 0.97, 0.81, 0.1, 0.02, 0.3])
    table = pd.DataFrame({"belief": belief, "error": [0.1, 0.2, 5.0, 0.5, 80.0, 30.0], "own": [True] * 4 + [False] * 2})
    return table.assign(right=table.error < 2, believed=table.belief >= 0.8)


def test_shares_are_counted_over_what_is_believed() -> None:
    counted = shares(answers())
    assert counted["own_right"] == counted["own_believed"] == pytest.approx(3 / 4)
    assert counted["others_believed"] == 0
    assert counted["wrong_among_believed"] == pytest.approx(1 / 3)
    assert shares(answers().assign(believed=False))["wrong_among_believed"] is None


def test_the_curve_has_every_answer_once_and_the_share_of_right_ones_of_its_bin() -> None:
    bins = curve(answers())
    assert sum(at["answers"] for at in bins) == 6
    assert bins[-1] == {"from": 0.95, "to": 1.0, "answers": 2, "belief": pytest.approx(0.98), "right": 1.0}


@pytest.mark.parametrize(("right", "count"), [(0, 7), (3, 9), (120, 120)])
def test_intervals_are_wilsons(right: int, count: int) -> None:
    assert _interval(right / count, count) == pytest.approx(proportion_confint(right, count, method="wilson"), abs=1e-4)


def test_the_figure_has_a_disc_for_every_bin_and_the_right_ones_lie_at_the_top() -> None:
    picture = ElementTree.fromstring("\n".join(drawn(curve(answers()))))
    discs = picture.findall("{http://www.w3.org/2000/svg}circle")
    assert len(discs) == len(curve(answers()))
    assert float(discs[-1].attrib["cy"]) == min(float(disc.attrib["cy"]) for disc in discs)
