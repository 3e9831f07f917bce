from __future__ import annotations

import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from core.runs.bundle import EXAMPLES
from core.stn.datasets.distortions import Distortions
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import Parts, frame_grid, theta_of
from core.stn.geometry.warping import warp
from core.stn.straighten.looking.straightened import apply_theta
from core.stn.straighten.predict import straighten
from core.stn.straighten.result import StraightenResult


@pytest.mark.parametrize("family", FAMILIES)
def test_a_photo_is_sampled_through_a_theta_of_any_kind(photo: np.ndarray, family: FamilyName) -> None:
    theta = Distortions.of(family, 45).draw(1, torch.Generator().manual_seed(0))[0]
    straight = apply_theta(photo, theta)
    expected = sample(torch.from_numpy(photo.copy()).permute(2, 0, 1)[None].float(), frame_grid(theta[None], 255, 384))
    assert np.abs(straight.image - expected[0].permute(1, 2, 0).numpy()).max() < 0.51


def test_photo_turned_counter_clockwise_has_a_positive_angle_and_is_turned_back(photo: np.ndarray) -> None:
    turned = np.asarray(Image.fromarray(photo).rotate(20, Image.Resampling.BICUBIC))  # Pillow turns counter-clockwise
    straight = apply_theta(turned, theta_of(Parts(rotation_deg=-20)).float())
    assert straight.angle_deg == pytest.approx(20, abs=1e-3)
    middle = slice(80, 175), slice(130, 255)
    assert np.abs(straight.image[middle].astype(int) - photo[middle]).mean() < 6
    assert np.abs(turned[middle].astype(int) - photo[middle]).mean() > 20


def test_straightened_photo_has_its_own_size_and_theta(photo: np.ndarray) -> None:
    theta = theta_of(Parts(-20, 1.1, 1.1, 0, 0.1, 0.2)).float()
    straight = apply_theta(photo, theta)
    assert np.array_equal(straight.theta, theta)
    assert np.array_equal(straight.image, warp(photo, straight.theta))


def test_shipped_example_straightens_with_its_weights(photo: np.ndarray) -> None:
    with zipfile.ZipFile(EXAMPLES / "1-straighten.gridcast") as bundle:
        result = StraightenResult.from_bytes(bundle.read("result.safetensors"))
    turned = np.asarray(Image.fromarray(photo).rotate(20, Image.Resampling.BICUBIC))
    assert straighten(result, turned).angle_deg == pytest.approx(20, abs=3)
    assert result.scores["seen_trials"] == result.scores["trials"] == len(result.trials)
