from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import rankdata

from core.rnn.worth.overfitting import probability_of_overfitting


def by_the_paper(series: np.ndarray, blocks: int) -> float:
    """Section 2.2, step by step: ranks by scipy, logits, their share below 0 and half of those at 0."""
    parts, logits = np.split(series, blocks), []
    for half in combinations(range(blocks), blocks // 2):
        past = np.concatenate([parts[block] for block in half])
        future = np.concatenate([parts[block] for block in range(blocks) if block not in half])
        best = int(np.argmax(past.mean(axis=0) / past.std(axis=0)))
        share = rankdata(future.mean(axis=0) / future.std(axis=0))[best] / (series.shape[1] + 1)
        logits.append(round(math.log(share / (1 - share)), 9))
    return float(np.mean(np.array(logits) < 0) + np.mean(np.array(logits) == 0) / 2)


def test_the_best_of_many_that_all_lose_is_behind_holding() -> None:
    """Costs by turnover order the accounts: the past tells the cheapest, and that one loses all the same."""
    random = np.random.default_rng(3)
    hold = random.standard_normal(480) * 0.01 + 0.002
    costs = np.linspace(0.003, 0.02, 6)
    accounts = hold[:, None] + 0.0005 * random.standard_normal((480, 6)) - costs
    found = probability_of_overfitting(accounts, blocks=8, against=hold)
    assert (found.probability, found.behind) == (0.0, 1.0)
    ahead = probability_of_overfitting(accounts + 0.05, blocks=8, against=hold)
    assert (ahead.behind, ahead.rank) == (0.0, found.rank)
    assert probability_of_overfitting(accounts, blocks=8).behind is None


@pytest.mark.parametrize(("candidates", "blocks"), [(2, 6), (5, 8), (9, 10)])
def test_it_is_that_of_the_paper_step_by_step(candidates: int, blocks: int) -> None:
    series = 0.01 * np.random.default_rng(candidates).standard_normal((blocks * 12, candidates))
    found = probability_of_overfitting(series, blocks=blocks)
    assert found.probability == pytest.approx(by_the_paper(series, blocks), abs=1e-9)
    assert (found.candidates, found.blocks, found.halvings) == (candidates, blocks, math.comb(blocks, blocks // 2))


def test_noise_gives_one_half_on_average() -> None:
    random = np.random.default_rng(0)
    for candidates in (3, 10):
        found = [
            probability_of_overfitting(random.standard_normal((400, candidates)), blocks=8).probability for _ in range(150)
        ]
        assert np.mean(found) == pytest.approx(0.5, abs=0.06)


def test_a_truly_better_one_is_chosen_again() -> None:
    series = np.random.default_rng(1).standard_normal((1000, 20))
    series[:, 7] += 0.25
    found = probability_of_overfitting(series)
    assert found.blocks == 16
    assert found.probability < 0.02
    assert found.rank > 0.95


def test_losses_are_compared_by_their_means() -> None:
    random = np.random.default_rng(2)
    common = random.exponential(size=(500, 1))
    losses = common + 0.1 * random.standard_normal((500, 6)) + np.array([0, 1, 1, 1, 1, 1]) * 0.05
    assert probability_of_overfitting(-losses, ratio=False).probability < 0.05
    assert probability_of_overfitting(losses, ratio=False, blocks=8).candidates == 6


def test_equal_candidates_share_their_rank() -> None:
    same = np.repeat(np.random.default_rng(3).standard_normal((160, 1)), 4, axis=1)
    assert probability_of_overfitting(same).probability == 0.5
    assert probability_of_overfitting(np.zeros((160, 3))).probability == 0.5  # accounts that never trade


def test_few_days_have_fewer_blocks_and_too_few_are_refused() -> None:
    series = np.random.default_rng(4).standard_normal((57, 3))
    assert probability_of_overfitting(series).blocks == 4
    for few in (series[:39], series[:, :1]):
        with pytest.raises(ValueError, match="2 or more, and 40 days"):
            probability_of_overfitting(few)
