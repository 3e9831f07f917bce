from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from core.stn.classify import figures
from core.stn.classify.result import ClassifyResult
from core.stn.datasets.perturbations import PERTURBATIONS
from core.stn.geometry.families import FAMILIES
from core.stn.networks.spec import Spec


@cache
def result(family: str = "affine", distortion: str = "R") -> ClassifyResult:
    """30 images of three classes; the CNN errs on every third answer, the ST-CNN on none."""
    truth = np.arange(30) % 3
    right = np.stack([truth, truth])
    wrong = np.where(np.arange(30) % 9 < 3, (right + 1) % 3, right)
    curve = [(kind, amount, 1 - amount / 400, 0.5, 1.0) for kind, row in PERTURBATIONS.items() for amount in row.amounts]
    robustness = pd.DataFrame(curve, columns=["kind", "amount", "accuracy", "low", "high"])
    names = FAMILIES[family].parameters
    path = [("st-cnn", stage, 10 * stage, 1, name, 0.1 * stage, 0.2) for stage in range(3) for name in names]
    thetas = {"class": ["a", "b", "c"] * 10, "transformer": 1, "rotation_deg": np.linspace(-90, 90, 30), "scale": 1.0}
    return ClassifyResult(
        digits=None, distortion=distortion, family=family, kernel="bilinear", transformers=1, arrangement="parallel",
        classes=("a", "b", "c"), specs={name: Spec(name, classes=3, width=8) for name in ("cnn", "st-cnn")}, folds=2, draws=2,
        learned_from=15, clean_side=28, seconds=4.0, model_seconds={"cnn": 2, "st-cnn": 2}, model_steps={"cnn": 9, "st-cnn": 9},
        truth=truth.astype(np.int16), names=[f"{n}.png" for n in range(30)], answers={"cnn": wrong, "st-cnn": right},
        losses=pd.DataFrame({"model": ["cnn"] * 4 + ["st-cnn"] * 4, "fold": [1, 1, 2, 2] * 2, "step": [1, 2] * 4, "loss": 1.0}),
        robustness=pd.concat([robustness.assign(model=name) for name in ("cnn", "st-cnn")]),
        thetas=pd.DataFrame(thetas).assign(model="st-cnn", shift_x=0.0, shift_y=0.1),
        path=pd.DataFrame(path, columns=["model", "stage", "step", "transformer", "parameter", "mean", "sd"]),
        path_images=np.zeros((6, 1, 28, 28), np.uint8), path_thetas={"st-cnn": np.zeros((3, 1, 6, 2, 3))},
        path_steps={"st-cnn": [0, 10, 20]}, health={}, examples=np.zeros((3, 4, 1, 28, 28), np.uint8),
        example_outputs={"st-cnn": np.zeros((3, 4, 1, 28, 28), np.uint8)}, means=np.zeros((3, 1, 28, 28), np.uint8),
        mean_outputs={"st-cnn": np.zeros((3, 1, 28, 28), np.uint8)},
        weights={f"{name}/w": np.zeros(100) for name in ("cnn", "st-cnn")},
    )  # fmt: skip


def test_scores_are_a_row_a_model_in_percent() -> None:
    cnn, transformer = result().scores
    assert (cnn["model"], transformer["model"]) == ("cnn", "st-cnn")
    assert cnn["error"] == pytest.approx(40)
    assert (transformer["error"], transformer["error_se"], transformer["against"]) == (0, 0, "cnn")
    assert transformer["difference"] == pytest.approx(-40)
    assert {"error_se", "parameters", "seconds", "family"} <= cnn.keys()


def test_no_place_without_an_image_is_drawn() -> None:
    few = result().model_copy(update={"thetas": result().thetas[:3].assign(**{"class": ["a", "a", "c"]})})
    shown = figures.before_and_after_of(few, "st-cnn", 3)
    assert {name: rows.shape for name, rows in shown.items()} == {"a": (2, 2, 1, 28, 28), "c": (2, 1, 1, 28, 28)}
    assert list(figures.means_before_and_after(few, "st-cnn")) == ["a", "c"]
    assert figures.before_and_after_of(result(), "st-cnn", 3)["b"].shape == (2, 3, 1, 28, 28)


def test_result_survives_the_store() -> None:
    again = ClassifyResult.from_bytes(result().to_bytes())
    assert (again.scores, again.verdict, again.specs) == (result().scores, result().verdict, result().specs)


def test_verdict_tells_how_the_pictures_were_tested() -> None:
    assert "On 30 pictures, turned (2 times each, at random), each tested by a network" in result().verdict


def test_error_dots_have_the_interval_of_the_scores() -> None:
    dot = figures.errors(result()).data[0]
    score = result().scores[0]
    assert dot.x[0] == pytest.approx(score["error"])
    assert dot.x[0] + dot.error_x.array[0] == pytest.approx(100 * (1 - score["accuracy_low"]))
    assert dot.x[0] - dot.error_x.arrayminus[0] == pytest.approx(100 * (1 - score["accuracy_high"]))


def test_confusions_are_shares_of_each_row() -> None:
    drawn, words = figures.confusion_map(result(), "cnn").data
    assert np.asarray(drawn.z).sum(axis=1) == pytest.approx(100)
    assert drawn.z[0][1] == pytest.approx(40)
    [said] = [text for text, x, y in zip(words.text, words.x, words.y, strict=True) if (y, x) == (drawn.y[0], drawn.x[1])]
    assert said == "40"


def test_how_many_images_a_robustness_curve_is_of_is_said() -> None:
    made = result()
    few = made.model_copy(update={"robustness": made.robustness.assign(images=5), "folds": 4})
    assert figures.about_robustness(few).startswith("Every point is of 5 test images, those of the first of 4 folds")
    assert figures.about_robustness(few.model_copy(update={"folds": 1})).startswith("Every point is of 5 test images; the band")
    assert figures.about_robustness(made) == ""


@pytest.mark.parametrize("kind", list(PERTURBATIONS))
def test_robustness_shows_every_amount_and_what_was_practised(kind: str) -> None:
    drawn = figures.robustness(result(), kind)
    lines = {trace.name: trace for trace in drawn.data if trace.mode == "lines+markers"}
    assert list(lines) == ["CNN", "ST-CNN"]
    assert lines["CNN"].x == PERTURBATIONS[kind].amounts
    practised = [shape.x1 for shape in drawn.layout.shapes if shape.type == "rect"]
    assert practised == ([90] if kind == "angle" else [])


def test_what_reaches_beyond_the_curve_is_shaded_to_its_end() -> None:
    [shape] = [shape for shape in figures.robustness(result(distortion="TC"), "shift").layout.shapes if shape.type == "rect"]
    assert shape.x1 == max(PERTURBATIONS["shift"].amounts)


@pytest.mark.parametrize("reading", list(figures.READINGS))
def test_readings_have_a_distribution_a_class(reading: str) -> None:
    drawn = figures.readings(result(), "st-cnn", reading)
    assert [trace.name for trace in drawn.data] == ["c", "b", "a"]
    assert all(len(trace.x) == 10 for trace in drawn.data)


@pytest.mark.parametrize(("family", "bands"), [("affine", 6), ("similarity", 4), ("tps", 0)])
def test_the_path_has_a_line_a_parameter_and_marks_the_stage(family: str, bands: int) -> None:
    drawn = figures.path(result(family), "st-cnn", 1)
    assert sum(trace.fill == "toself" for trace in drawn.data) == bands
    assert sum(trace.mode == "lines" for trace in drawn.data if trace.fill is None) == len(FAMILIES[family].parameters)
    assert drawn.layout.shapes[0].x0 == 10


def test_losses_of_other_folds_are_faint() -> None:
    drawn = figures.losses(result(), "dark")
    assert [(trace.name, trace.opacity, trace.showlegend) for trace in drawn.data] == [
        ("CNN", 1, True), ("CNN", 0.3, False), ("ST-CNN", 1, True), ("ST-CNN", 0.3, False),
    ]  # fmt: skip
