from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from core.stn.align.result import AlignResult, spread_of
from core.stn.align.stack import apart


def test_spread_by_hand_leaves_whole_turns_out() -> None:
    assert spread_of(np.array([10.0, 12.0, 17.0])) == pytest.approx(2.0)
    assert spread_of(np.array([179.0, -179.0, 178.0])) == pytest.approx(1.0)


def aligned(before: np.ndarray, after: np.ndarray) -> AlignResult:
    fields = {"variance_before": before.mean(), "variance_after": after.mean()}
    return AlignResult.model_construct(images=pd.DataFrame({"apart_before": before, "apart_after": after}), **fields)


def test_images_that_all_come_nearer_are_healthy_and_those_that_scatter_are_not() -> None:
    before = np.linspace(0.02, 0.06, 12)
    assert aligned(before, 0.4 * before).judgement.word == "healthy"
    assert aligned(before, before[::-1]).judgement.word == "unhealthy"
    assert aligned(before, 1.02 * before).judgement.word == "unhealthy"


@pytest.mark.parametrize(("lead", "word"), [(0.3, "healthy"), (0.0, "unhealthy"), (-0.05, "unhealthy")])
def test_images_that_would_be_as_like_one_another_laid_otherwise_have_nothing_in_common(lead: float, word: str) -> None:
    before, random = np.linspace(0.02, 0.06, 12), np.random.default_rng(0)
    result = aligned(before, 0.7 * before)
    rival = random.uniform(0.15, 0.25, 12)
    table = result.images.assign(rival=rival, likeness=rival + lead + random.uniform(-0.03, 0.03, 12), ok=True)
    result = result.model_copy(update={"images": table})
    assert result.judgement.word == word
    assert result.headline.startswith("no better than laid otherwise: ") is (word != "healthy")
    assert ("nothing in common" in result.judgement.symptom) is (word != "healthy")


def test_older_results_are_in_doubt() -> None:
    older = AlignResult.model_construct(images=pd.DataFrame({"name": ["a"]}), variance_before=0.1, variance_after=0.05)
    assert older.judgement.word == "in doubt"


def test_apart_is_the_mean_square_to_the_mean_of_the_others() -> None:
    views = torch.rand(4, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    for number, distance in enumerate(apart(views)):
        others = torch.cat([views[:number], views[number + 1 :]]).mean(0)
        y, x = np.mgrid[:9, :9] - 4.0
        inside = torch.from_numpy(np.hypot(x, y) <= 4.5)
        assert distance == pytest.approx((views[number] - others).square()[:, inside].mean().item(), rel=1e-5)
