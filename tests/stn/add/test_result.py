from __future__ import annotations

import numpy as np

from core.stn.add.result import AddResult


def answered(**wrong: int) -> AddResult:
    """A result in which each model answers so many of 1,000 sums wrongly, the same ones as far as they go."""
    truth = np.arange(1000) % 10
    answers = {name: np.where(np.arange(1000) < count, 18, truth) for name, count in wrong.items()}
    nothing = {"model_seconds": dict.fromkeys(wrong, 1.0), "model_steps": dict.fromkeys(wrong, 1), "seconds": 1.0}
    nothing["weights"] = {f"{name}/w": np.zeros(1) for name in wrong}
    fields = {"family": "affine", "source": "", "models": tuple(wrong), "truth": truth, "answers": answers, **nothing}
    return AddResult.model_construct(**fields)


def test_the_verdict_names_a_winner_only_where_there_is_one() -> None:
    assert answered(fcn=500, cnn=300).verdict == (
        "The CNN errs least: 30.0 ± 1.4 % of the sums are wrong, against 50.0 ± 1.6 % with the FCN"
    )
    assert "cannot be told apart" in answered(fcn=300, cnn=301).verdict
    assert "No network has learned to add yet" in answered(fcn=900, cnn=910).verdict
    assert answered(fcn=200).verdict == "With the FCN 20.0 ± 1.3 % of the sums are wrong"


def test_healthy_is_what_adds_better_than_always_giving_the_commonest_sum() -> None:
    rows = {row["model"]: row for row in answered(fcn=899, cnn=300).scores}
    assert (rows["fcn"]["health"], rows["cnn"]["health"]) == ("unhealthy", "healthy")
    assert rows["cnn"]["baseline"] == 90
    assert answered(cnn=300).headline == "CNN 30.0 % wrong, guessing 90 %"
