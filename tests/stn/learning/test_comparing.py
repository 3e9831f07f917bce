"""A winner among networks is named only where the test and the steps allow it: cases that misled, and others of their kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.stn.learning.comparing import Answered, Outcome, outcome

TRUTH = np.arange(1000) % 10


def network(title: str, wrong: int, steps: int = 1000, **fields: Any) -> Answered:
    """One that gives the first `wrong` of 1,000 images the next class."""
    answers = np.where(np.arange(1000) < wrong, (TRUTH + 1) % 10, TRUTH)
    return Answered(f"the {title}", answers[None], steps, **fields)


def said(*networks: Answered) -> Outcome:
    return outcome(networks, TRUTH)


@pytest.mark.parametrize("steps", [39, 299], ids=["as seen", "just too few"])
def test_a_transformer_that_has_not_moved_after_few_steps_is_neither_better_nor_worse(steps: int) -> None:
    for wrong in (60, 20):
        found = said(network("ST-CNN", wrong, steps, still=True), network("CNN", 40, steps))
        assert found.finding == "too early"
        assert "it has not moved" in found.headline
        assert f"after {steps} steps each" in found.headline
        assert found.next_step == "longer"


@pytest.mark.parametrize("steps", [(670, 100), (878, 140)], ids=["as seen", "as shipped"])
def test_one_that_had_few_steps_in_the_same_time_is_not_yet_compared(steps: tuple[int, int]) -> None:
    found = said(network("ST-CNN", 20, steps[0]), network("CNN", 150, steps[1]))
    assert found.finding == "too early"
    assert found.headline.endswith(f"after {steps[0]} and {steps[1]} steps")
    assert found.next_step == steps[0]


@pytest.mark.parametrize(("ours", "theirs"), [(5, 760), (0, 400)], ids=["as seen", "one that has learned a little"])
def test_one_that_hardly_errs_after_as_many_few_steps_is_better_so_far(ours: int, theirs: int) -> None:
    found = said(network("ST-CNN", ours, 200), network("CNN", theirs, 200))
    assert (found.finding, found.next_step) == ("better", "longer")
    assert found.headline.startswith("the ST-CNN errs less than the CNN so far, after 200 steps each: ")
    assert said(network("ST-CNN", theirs, 200), network("CNN", ours, 200)).finding == "worse"
    assert said(network("ST-CNN", 150, 200), network("CNN", theirs, 200)).finding == "too early"
    assert said(network("ST-CNN", ours), network("CNN", 60), network("FCN", theirs, 200)).finding == "better"


def test_unlike_steps_stand_in_the_headline() -> None:
    found = said(network("ST-CNN", 20, 4000), network("CNN", 150, 1000))
    assert found.headline.startswith("the ST-CNN errs less than the CNN in the same time, after 4,000 and 1,000 steps: ")
    assert found.next_step == 4000
    assert "in the same time" not in said(network("ST-CNN", 20, 1100), network("CNN", 150, 1000)).headline


@pytest.mark.parametrize(("ours", "finding", "words"), [(20, "better", "errs less"), (300, "worse", "errs more")])
def test_a_sure_difference_is_named_with_both_errors_and_that_of_guessing(ours: int, finding: str, words: str) -> None:
    found = said(network("ST-CNN", ours), network("CNN", 100))
    assert found.finding == finding
    assert found.headline.startswith(f"the ST-CNN {words} than the CNN: ST-CNN {ours / 10:.1f} ± ")
    assert found.headline.endswith("CNN 10.0 ± 0.9 % wrong, guessing 90 %")
    assert found.next_step == "another seed"


def test_one_that_errs_on_every_image_is_worse_than_one_that_errs_on_none() -> None:
    found = said(network("ST-CNN", 0), network("CNN", 1000))
    assert found.finding == "better"
    assert "errs less than the CNN" in found.headline
    assert said(network("ST-CNN", 1000), network("CNN", 0)).finding == "worse"


def test_a_difference_within_chance_is_none() -> None:
    assert said(network("ST-CNN", 100), network("CNN", 103)).finding == "no better"


@pytest.mark.parametrize(("steps", "finding"), [(39, "too early"), (5000, "no better")])
def test_no_better_than_guessing_is_early_or_a_result_by_its_steps(steps: int, finding: str) -> None:
    found = said(network("ST-CNN", 900, steps), network("CNN", 910, steps))
    assert found.finding == finding
    assert "no better than guessing" in found.headline


def test_few_steps_are_enough_where_little_is_wrong() -> None:
    assert said(network("ST-CNN", 0, 100), network("CNN", 60, 100)).finding == "better"


def test_one_that_fails_after_many_steps_is_worse_than_one_that_learns() -> None:
    found = said(network("ST-CNN", 900, 5000), network("CNN", 60, 5000))
    assert found.finding == "worse"
    assert "ST-CNN 90.0 ± 0.9 % (no better than guessing)" in found.headline
