"""By what a locate result is judged: the scenes of the test, beside the better rule that needs no network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.stn.locate.figures import overlap_histogram
from core.stn.locate.result import LocateResult

MIDDLE, BRIGHTEST = "always looking at the middle", "the brightest square"


def result(unseen: np.ndarray, baselines: dict[str, np.ndarray], **fields: Any) -> LocateResult:
    """By hand: it finds all of ten scenes that it learned from, the middle none."""
    table = pd.DataFrame({"iou": [0.9] * 10, "iou_before": [0.1] * 10, "iou_voted": [0.6] * 10, "found": [True] * 10})
    return LocateResult.model_construct(
        **{"table": table, "held_back": 2, "steps": 800, "seconds": 1.0} | fields,
        unseen_overlaps=unseen,
        unseen_baselines=baselines,
    )


def test_a_network_that_finds_only_what_it_learned_from_is_not_healthy() -> None:
    bad = np.linspace(0.0, 0.3, 40)
    judged = result(bad, {MIDDLE: bad[::-1], BRIGHTEST: bad})
    assert judged.judgement.word == "unhealthy"
    assert judged.headline.startswith("no better than ")
    early = result(bad, {MIDDLE: bad[::-1], BRIGHTEST: bad}, steps=39)
    assert early.headline == "too early to tell after 39 steps: found in 0 of 40 images of the test, the brightest square in 0"
    assert (early.conclusion.finding, early.conclusion.next_step) == ("too early", "longer")
    assert judged.scores["success"] == 1
    assert judged.scores["success_unseen"] == 0


def test_to_be_healthy_it_must_be_better_than_the_brightest_square_too() -> None:
    ours, middle = np.full(40, 0.6), np.full(40, 0.1)
    ours[:2] = 0.4
    assert result(ours, {MIDDLE: middle, BRIGHTEST: ours}).judgement.word == "unhealthy"
    better = result(ours, {MIDDLE: middle, BRIGHTEST: middle + np.linspace(0, 0.2, 40)})
    assert better.judgement.word == "healthy"
    assert better.headline == "found in 38 of 40 images of the test, the brightest square in 0"
    assert better.scores["baseline_iou_median"] == pytest.approx(0.2)
    assert better.scores["iou_median_unseen"] == 0.6


def test_older_results_are_judged_by_the_scenes_that_they_learned_from() -> None:
    older = result(np.full(5, 0.2), {})
    assert older.headline == "found in 10 of 10 images, always looking at the middle in 0"
    assert older.standing.baseline_is == MIDDLE


@pytest.mark.parametrize("share", [0.55, 0.8])
def test_a_rule_that_fits_perfectly_where_it_is_right_is_beaten_by_finding_more(share: float) -> None:
    ours, brightest = np.full(100, 0.7), np.where(np.arange(100) < 100 * share, 0.9, 0.0)
    judged = result(ours, {MIDDLE: np.full(100, 0.1), BRIGHTEST: brightest})
    assert judged.judgement.word == ("healthy" if share == 0.55 else "unhealthy")  # 0.7 against 0.5 and 0.72 in the mean


@pytest.mark.parametrize("with_test", [True, False])
def test_the_histogram_counts_the_scenes_by_which_it_is_judged(with_test: bool) -> None:
    judged = result(np.array([0.11, 0.11, 0.72]), {MIDDLE: np.zeros(3)} if with_test else {})
    [bars] = overlap_histogram(judged).data
    assert sum(bars.y) == (3 if with_test else 10)
    assert bars.y[2] == (2 if with_test else 0)
