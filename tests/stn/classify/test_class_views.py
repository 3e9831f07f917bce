from __future__ import annotations

import numpy as np
import pytest
import torch

from core.stn.classify.inspection.class_views import EXAMPLES, class_views, examples_of, means_of
from core.stn.networks.classifiers import build
from core.stn.networks.spec import Spec
from tests.stn.classify.networks import CLASSES, IMAGES, LABELS, turned


def test_examples_are_the_first_of_each_class_and_blank_where_there_are_none() -> None:
    images = np.arange(1, 7)[:, None]
    shown = examples_of(images, np.array([0, 1, 0, 0, 0, 0]), 3)
    assert shown[..., 0].tolist() == [[1, 3, 4, 5], [2, 0, 0, 0], [0, 0, 0, 0]]


def test_means_are_those_of_each_class() -> None:
    images = np.array([10, 20, 30, 41], np.uint8)[:, None]
    assert means_of(images, np.array([0, 0, 2, 2]), 4)[:, 0].tolist() == [15, 0, 36, 0]


def test_an_untrained_transformer_shows_what_it_is_given() -> None:
    views = class_views(build(Spec("st-cnn", classes=3, width=8)).eval(), IMAGES, LABELS, CLASSES)
    assert views is not None
    given = (IMAGES * 255).round().to(torch.uint8).numpy()
    assert views.examples.shape == (3, EXAMPLES, 1, 28, 28)
    assert np.abs(views.examples.astype(int) - examples_of(given, LABELS, 3)).max() <= 1
    assert (views.thetas[["rotation_deg", "shift_x", "shift_y"]].abs() < 1e-6).all(axis=None)
    assert views.thetas.scale.to_numpy() == pytest.approx(1)
    assert views.thetas["class"].tolist() == [CLASSES[label] for label in LABELS]


def test_theta_is_read_as_rotation_scale_and_shift_for_every_image() -> None:
    views = class_views(turned(30.0), IMAGES, LABELS, CLASSES)
    assert views is not None
    row = views.thetas.iloc[0]
    assert (row.rotation_deg, row.scale, row.shift_x, row.shift_y) == pytest.approx((30, 2, 0.1, -0.2), abs=1e-4)


def test_a_plain_network_has_no_views() -> None:
    assert class_views(build(Spec("cnn", classes=3, width=8)).eval(), IMAGES, LABELS, CLASSES) is None
