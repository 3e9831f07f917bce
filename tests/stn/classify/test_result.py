from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.stn.classify.result import ClassifyResult
from core.stn.geometry.kinds import identity_like
from core.stn.learning.diagnosis import Diagnosis
from tests.stn.classify.finished_runs import result_of

TRUTH = np.repeat(np.arange(3), 100).astype(np.int16)


def judged(wrong: int, kernel: str = "bilinear", **fields: Any) -> ClassifyResult:
    """Two networks that give the first `wrong` of 300 images the next class."""
    answers = TRUTH.copy()
    answers[:wrong] = (answers[:wrong] + 1) % 3
    given = {"truth": TRUTH, "answers": dict.fromkeys(("cnn", "st-cnn"), answers[None]), "kernel": kernel}
    return result_of().model_copy(update=given | fields)


def test_baseline_is_the_largest_class_in_the_unit_of_the_error() -> None:
    row = judged(30).scores[0]
    assert row["error"] == pytest.approx(10)
    assert row["baseline"] == row["chance"] == pytest.approx(100 * 2 / 3)
    unequal = judged(0, truth=np.repeat([0, 1, 2], [210, 45, 45]).astype(np.int16)).scores[0]
    assert unequal["baseline"] == pytest.approx(30)


@pytest.mark.parametrize(
    ("wrong", "word"), [(30, "healthy"), (90, "healthy"), (150, "in doubt"), (195, "unhealthy"), (230, "unhealthy")]
)
def test_healthy_is_what_is_better_than_the_largest_class_by_two_standard_errors(wrong: int, word: str) -> None:
    result = judged(wrong)
    assert [row["health"] for row in result.scores] == [word, word]
    assert f"{100 * result.guessing:.0f} %" in result.judgement["cnn"].symptom


@pytest.mark.parametrize(
    ("ours", "theirs", "steps", "better"),
    [(6, 30, 600, "st-cnn"), (30, 6, 600, "cnn"), (8, 10, 600, "neither"), (8, 8, 600, "neither"), (40, 60, 5, "neither")],
)
def test_the_better_network_is_the_one_that_the_headline_names(ours: int, theirs: int, steps: int, better: str) -> None:
    answers = {"st-cnn": judged(ours).answers["cnn"], "cnn": judged(theirs).answers["cnn"]}
    result = judged(0, answers=answers, model_steps=dict.fromkeys(answers, steps))
    assert result.better_network == better
    said = {"st-cnn": "the ST-CNN errs less", "cnn": "the ST-CNN errs more"}
    assert result.headline.startswith(said.get(better, ("no sure difference", "too early")))


def test_a_network_alone_is_better_than_no_other() -> None:
    assert result_of(("cnn",)).better_network == "neither"


def test_labels_at_random_are_no_result() -> None:
    random = np.random.default_rng(0)
    words = [judged(0, truth=random.permutation(TRUTH)).scores[0]["health"] for _ in range(100)]
    assert words.count("healthy") <= 5


def test_a_kernel_without_a_gradient_is_named_and_no_learning_rate() -> None:
    diagnosis = judged(10, kernel="integer").judgement["st-cnn"]
    assert diagnosis.level == "bad"
    assert "integer kernel has no gradient" in diagnosis.symptom
    assert "learning rate" not in diagnosis.words
    assert judged(10, kernel="integer").judgement["cnn"].level == "good"


def test_what_a_training_warns_of_is_kept() -> None:
    watch = Diagnosis("watch", "Half of the grid looks outside.")
    assert judged(10, health={"st-cnn": watch}).judgement["st-cnn"] == watch


@pytest.mark.parametrize("family", ["affine", "projective", "tps"])
def test_a_transformer_has_moved_where_its_last_thetas_are_not_the_identity(family: str) -> None:
    result = result_of(family=family)
    still = {"st-cnn": np.stack([result.path_thetas["st-cnn"][0]] * 2)}
    assert result.moved("cnn")
    assert result.moved("st-cnn")
    still = {"st-cnn": np.broadcast_to(identity_like(still["st-cnn"]), still["st-cnn"].shape)}
    unmoved = result.model_copy(update={"path_thetas": still})
    assert not unmoved.moved("st-cnn")
    assert "not moved" in unmoved.verdict
