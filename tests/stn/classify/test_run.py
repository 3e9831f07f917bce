from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.errors import ImageError, InvalidRequest
from core.runs.request import Progress
from core.runs.store import digest_of
from core.stn.classify.predict import as_digit, classifier_from, recognise
from core.stn.classify.request import ClassifyRequest
from core.stn.classify.result import ClassifyResult
from core.stn.classify.run import check, run, specs_of, task_of
from core.stn.classify.task import digits_task
from core.stn.datasets.digits import shipped
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import digits
from core.stn.learning.scoring import difference
from core.stn.networks.classifiers import parameters_of
from tests.drive import played
from tests.stn.classify.requests import D, photographed, uploads


def finished(request: ClassifyRequest, inputs: dict[str, bytes]) -> tuple[list[Progress], ClassifyResult]:
    check(request, inputs)
    return played(run(request, inputs))


def labelled(pictures: list[np.ndarray], labels: tuple[str, ...], **settings: Any) -> tuple[ClassifyRequest, dict[str, bytes]]:
    inputs = [to_png(pixels) for pixels in pictures]
    return uploads(*labels, images=tuple(map(digest_of, inputs)), **settings), {digest_of(png): png for png in inputs}


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (30, 40, 3), dtype=np.uint8)


def test_flat_pictures_and_copies_are_refused_before_the_run() -> None:
    flat = [np.full((30, 30, 3), value, np.uint8) for value in (1, 2, 3, 4)]
    for pictures, cause in (
        (flat, "all 4 pictures are of one flat colour"),
        ([noise(0), noise(1), noise(2), noise(0)], "3.png and 0.png are the same picture, of 'b' and of 'a'"),
        ([noise(0), noise(1), noise(0), noise(2)], "2.png is a copy of 0.png"),
    ):
        request, inputs = labelled(pictures, ("a", "b", "a", "b"))
        with pytest.raises(InvalidRequest, match=cause):
            check(request, inputs)


def test_files_that_are_not_mnist_are_refused_before_the_run() -> None:
    request = ClassifyRequest(digits="mnist", mnist=D[:4])
    with pytest.raises(ImageError, match="train-images-idx3-ubyte begins with 6a 75 6e 6b"):
        check(request, dict.fromkeys(D[:4], b"junk"))


def test_as_many_steps_of_each_are_taken_and_give_the_same_result_again() -> None:
    pictures = [noise(number) for number in range(8)]
    request, inputs = labelled(pictures, tuple("abababab"), models=("cnn", "st-cnn"), steps=2, folds=1, distortion="none")
    steps, result = finished(request, inputs)
    assert result.model_steps == {"cnn": 2, "st-cnn": 2}
    assert result.headline.startswith("too early to tell")
    assert "after 2 steps each" in result.headline
    assert request.title.endswith(", 2 steps each")
    assert {progress.total for progress in steps if "loss" in progress.numbers} <= {4}  # each tenth of a second, if at all
    again = finished(request, inputs)[1]
    assert all(np.array_equal(again.weights[name], weights) for name, weights in result.weights.items())


def test_matched_models_have_as_many_parameters_as_the_st_cnn() -> None:
    request = ClassifyRequest(digits="shipped", models=("fcn", "cnn", "st-fcn", "st-cnn", "modern-cnn"))
    counts = {spec.model: parameters_of(spec) for spec in specs_of(request, digits_task(shipped()))}
    assert all(count == pytest.approx(counts["st-cnn"], rel=0.02) for count in counts.values())


@pytest.mark.parametrize(("labels", "folds"), [(("a", "b") * 6, 5), (("a", "b") * 3, 3), (("a", "b") * 100, 1)])
def test_few_pictures_are_tested_in_folds_and_many_in_one_split(labels: tuple[str, ...], folds: int) -> None:
    request, inputs = labelled([noise(seed)[:28, :28] for seed in range(len(labels))], labels)
    task = task_of(request, inputs)
    assert len(task.folds) == folds
    assert len(task.tested) == (len(labels) if folds > 1 else 40)


@pytest.mark.slow
def test_digits_are_learned_and_the_result_says_everything() -> None:
    request = ClassifyRequest(digits="shipped", models=("fcn", "st-fcn"), distortion="none").model_copy(update={"budget": 2.0})
    steps, result = finished(request, {})
    assert {row["model"] for row in result.scores} == {"fcn", "st-fcn"}
    assert all(0 < row["error"] < 80 for row in result.scores)  # guessing errs on 90 %
    again = ClassifyResult.from_bytes(result.to_bytes())
    assert (again.scores, again.verdict) == (result.scores, result.verdict)
    assert again.verdict.startswith("On 1,000 test digits the ST-FCN errs on")
    assert set(again.tables) == {"scores", "losses", "robustness", "thetas", "path", "confusion"}
    assert sum(again.tables["confusion"]["count"]) == 2 * 1000
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert any(step.pictures for step in steps)
    for name in again.models:
        digit = photographed(3)
        clean = torch.from_numpy(as_digit(digit).astype(np.float32))[None, None] / 255
        with torch.inference_mode():
            expected = torch.softmax(classifier_from(again, name)(clean), dim=1)[0]
        recognised = recognise(again, name, digit)
        assert recognised.probabilities == pytest.approx(expected.numpy(), abs=1e-5)
        assert recognised.answer == str(expected.argmax().item())
    with pytest.raises(InvalidRequest, match="this run has no CNN; it has FCN, ST-FCN"):
        recognise(again, "cnn", photographed(3))


@pytest.mark.slow
def test_a_few_pictures_are_learned_in_folds_and_the_answer_is_honest() -> None:
    pictures = [np.repeat(image[..., None], 3, axis=2) for label in (0, 1) for image in digits(label, 8)]
    request, inputs = labelled(pictures, ("zero",) * 8 + ("one",) * 8, distortion="photo", models=("cnn", "st-cnn"))
    _, result = finished(request.model_copy(update={"budget": 1.5}), inputs)
    assert result.folds == 5
    assert len(result.truth) == len(result.names) == 16
    assert "16 pictures" in result.verdict
    sure = difference(result.answers["st-cnn"], result.answers["cnn"], result.truth).sure
    assert ("at least 4 of these 16 images" in result.verdict) is not sure
    assert sum(result.tables["confusion"]["count"]) == 2 * 16 * result.draws
