from __future__ import annotations

import numpy as np
import pytest

from core.stn.add.result import AddResult


def answered(**wrong: int) -> AddResult:
    """A result in which each model answers so many of 1,000 sums wrongly, the same ones as far as they go."""
    truth = np.arange(1000) % 10
    answers = {name: np.where(np.arange(1000) < count, 18, truth) for name, count in wrong.items()}
    nothing = {"model_seconds": dict.fromkeys(wrong, 1.0), "model_steps": dict.fromkeys(wrong, 1000), "seconds": 1.0}
    nothing["weights"] = {f"{name}/w": np.zeros(1) for name in wrong}
    fields = {"family": "affine", "source": "", "models": tuple(wrong), "truth": truth, "answers": answers, **nothing}
    return AddResult.model_construct(**fields)


def test_the_verdict_names_a_winner_only_where_there_is_one() -> None:
    assert answered(fcn=500, cnn=300).headline == (
        "the CNN errs less than the FCN: CNN 30.0 ± 1.4 %, FCN 50.0 ± 1.6 % wrong, guessing 90 %"
    )
    assert answered(fcn=300, cnn=301).headline.startswith("no sure difference: ")
    assert answered(fcn=900, cnn=910).headline.startswith("no better than guessing: ")
    assert answered(fcn=200).headline == "FCN 20.0 ± 1.3 % wrong, guessing 90 %"


@pytest.mark.parametrize("wrong", [{"fcn": 860, "cnn": 850}, {"fcn": 700, "2xst-fcn": 460}], ids=["seen", "half"])
def test_no_winner_is_named_where_most_sums_are_wrong(wrong: dict[str, int]) -> None:
    conclusion = answered(**wrong).conclusion
    assert conclusion.finding == "too early"
    assert conclusion.headline.startswith("too early to tell which is better: ")
    assert "guessing 90 %" in conclusion.headline
    assert conclusion.next_step == "longer"
    assert {row["health"] for row in answered(**wrong).scores} == {"in doubt"}


def test_a_loss_that_rises_is_explained_where_the_digits_were_moved_further() -> None:
    result = answered(fcn=200)
    assert "can rise while fewer sums" in result.about_loss
    assert result.model_copy(update={"stopped": True}).about_loss == ""


def test_healthy_is_what_adds_better_than_always_giving_the_commonest_sum() -> None:
    rows = {row["model"]: row for row in answered(fcn=899, cnn=300).scores}
    assert (rows["fcn"]["health"], rows["cnn"]["health"]) == ("unhealthy", "healthy")
    assert rows["cnn"]["baseline"] == 90
