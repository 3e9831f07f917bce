from __future__ import annotations

import numpy as np
import pytest
import torch

from core.stn.classify.class_views import EXAMPLES, examples_of, means_of, sights
from core.stn.classify.comparison import Course, Task, gallery
from core.stn.classify.theta_path import SHOWN, STAGES, Path
from core.stn.datasets.distortions import DISTORTIONS
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.samples import digits
from core.stn.datasets.splits import Fold
from core.stn.geometry.families import FAMILIES
from core.stn.networks.classifiers import build
from core.stn.networks.spec import Spec
from core.training import History, Seen

IMAGES = torch.from_numpy(digits(count=30).copy())[:, None].float() / 255
LABELS = np.arange(30) % 3
CLASSES = ("a", "b", "c")


def at(seconds: float, steps: int = 0) -> History:
    return History(steps=steps, seconds=seconds)


def turned(angle: float):
    """An ST-CNN that turns every image by this angle."""
    model = build(Spec("st-cnn", family="similarity", classes=3, width=8)).eval()
    phi = np.deg2rad(angle)
    with torch.no_grad():
        list(model.transformers.localizers[0].parameters())[-1].copy_(
            torch.tensor([2 * np.cos(phi), 2 * np.sin(phi), 0.1, -0.2])
        )
    return model


def test_examples_are_the_first_of_each_class_and_blank_where_there_are_none() -> None:
    images = np.arange(1, 7)[:, None]
    shown = examples_of(images, np.array([0, 1, 0, 0, 0, 0]), 3)
    assert shown[..., 0].tolist() == [[1, 3, 4, 5], [2, 0, 0, 0], [0, 0, 0, 0]]


def test_means_are_those_of_each_class() -> None:
    images = np.array([10, 20, 30, 41], np.uint8)[:, None]
    assert means_of(images, np.array([0, 0, 2, 2]), 4)[:, 0].tolist() == [15, 0, 36, 0]


def test_an_untrained_transformer_shows_what_it_is_given() -> None:
    seen = sights(build(Spec("st-cnn", classes=3, width=8)).eval(), IMAGES, LABELS, CLASSES)
    assert seen is not None
    given = (IMAGES * 255).round().to(torch.uint8).numpy()
    assert seen.examples.shape == (3, EXAMPLES, 1, 28, 28)
    assert np.abs(seen.examples.astype(int) - examples_of(given, LABELS, 3)).max() <= 1
    assert (seen.thetas[["rotation_deg", "shift_x", "shift_y"]].abs() < 1e-6).all(axis=None)
    assert seen.thetas.scale.to_numpy() == pytest.approx(1)
    assert seen.thetas["class"].tolist() == [CLASSES[label] for label in LABELS]


def test_theta_is_read_apart_for_every_image() -> None:
    seen = sights(turned(30.0), IMAGES, LABELS, CLASSES)
    assert seen is not None
    row = seen.thetas.iloc[0]
    assert (row.rotation_deg, row.scale, row.shift_x, row.shift_y) == pytest.approx((30, 2, 0.1, -0.2), abs=1e-4)


def test_a_plain_network_has_no_sights_and_no_path() -> None:
    model = build(Spec("cnn", classes=3, width=8)).eval()
    path = Path(IMAGES, 10, "")
    assert sights(model, IMAGES, LABELS, CLASSES) is None
    assert path.observe(model, at(5)) == Seen()
    assert path.health is None
    assert (path.rows, path.thetas) == ([], [])


@pytest.mark.parametrize("family", list(FAMILIES))
@pytest.mark.parametrize("count", [1, 2])
def test_a_stage_has_every_parameter_of_every_transformer(family: str, count: int) -> None:
    model = build(Spec("st-cnn", family=family, classes=3, width=8, transformers=count)).eval()
    path = Path(IMAGES, 10, "")
    path.keep(model, at(1.5, 7))
    names = FAMILIES[family].parameters
    assert [row["parameter"] for row in path.rows] == [*names] * count
    assert [row["mean"] for row in path.rows] == pytest.approx([*FAMILIES[family].identity] * count, abs=1e-5)
    assert {row["sd"] for row in path.rows} == {0.0}
    assert {(row["stage"], row["step"]) for row in path.rows} == {(0, 7)}
    assert path.thetas[0].shape[:2] == (count, SHOWN)


def test_stages_come_closely_at_first_and_never_more_than_24() -> None:
    path, model = Path(IMAGES, 10, "view"), turned(0)
    model.train()
    pictures = [path.observe(model, at(second, round(100 * second))) for second in np.linspace(0, 10, 120)]
    path.keep(model, at(10, 1000))
    assert len(path.steps) == STAGES
    gaps = np.diff(path.steps)
    assert gaps[:5].mean() < gaps[-5:].mean()
    assert sum(bool(seen.pictures) for seen in pictures) <= 20
    assert next(iter(pictures[0].pictures.values())).startswith(b"\xff\xd8")
    assert path.health is not None
    assert pictures[-1].note == path.health.words
    assert model.training


def test_a_gallery_is_equal_for_every_model_and_holds_only_tested_images() -> None:
    pixels = torch.from_numpy(digits(count=30).copy())[:, None]
    data = Labelled(pixels, torch.arange(30))
    task = Task(data, tuple(map(str, range(30))), [Fold(np.arange(20), np.arange(20, 30))])
    course = Course("R", 1.0, 1, 10, seed=4)
    one, other = gallery(task, course), gallery(task, course)
    assert torch.equal(one.shown, other.shown)
    assert one.labels.tolist() == list(range(20, 30))
    assert one.shown.shape[-1] == DISTORTIONS["R"].canvas(28)


def test_tested_images_of_all_folds_come_in_order() -> None:
    data = Labelled(torch.zeros(4, 1, 2, 2), torch.tensor([5, 6, 7, 8]))
    task = Task(data, ("x",), [Fold(np.array([0, 1]), np.array([3, 2])), Fold(np.array([2, 3]), np.array([0]))])
    assert task.tested.tolist() == [0, 2, 3]
    assert task.truth.tolist() == [5, 7, 8]
