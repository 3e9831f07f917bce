"""What a run believes of its own answers."""

from __future__ import annotations

import zipfile
from functools import cache

import numpy as np
import pytest
import torch

from core.runs.bundle import EXAMPLES
from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.samples import sample
from core.stn.geometry.theta import identity
from core.stn.geometry.warping import warp
from core.stn.learning.belief import BELIEVED, Calibration
from core.stn.straighten.looking.doubt import FLOOR_OF_NOVELTY, FLOORS, distances_of
from core.stn.straighten.looking.familiar import MOST_FAMILIAR, POOL, familiar_of, likeness
from core.stn.straighten.looking.view import views
from core.stn.straighten.predict import straighten
from core.stn.straighten.result import StraightenResult


@cache
def shipped() -> StraightenResult:
    """The example: one photo (chelsea), turned by up to ±45°."""
    with zipfile.ZipFile(EXAMPLES / "1-straighten.gridcast") as bundle:
        return StraightenResult.from_bytes(bundle.read("result.safetensors"))


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (90, 120, 3), np.uint8)


def test_a_photo_is_like_itself_and_unlike_noise_and_a_blank_is_like_nothing() -> None:
    photo = sample("coffee").pixels
    pictures = canvases_of([photo, 255 - photo, noise(0), np.full_like(photo, 90)])
    found = likeness(views(pictures, identity(4)), torch.from_numpy(familiar_of(canvases_of([noise(1), photo]))))
    assert found[:2].tolist() == pytest.approx([1, found[1].item()], abs=1e-5)
    assert found[1] < 0.2
    assert abs(found[2]) < 0.2
    assert found[3].item() == pytest.approx(0, abs=1e-3)


def test_likeness_is_the_correlation_of_the_views_at_half_their_size() -> None:
    first, second = (views(canvases_of([sample(name).pixels]), identity()) for name in ("coffee", "rocket"))
    halves = [view[0, 0].reshape(32, POOL, 32, POOL).mean((1, 3)).flatten().double().numpy() for view in (first, second)]
    expected = halves[0] @ halves[1] / np.linalg.norm(halves[0]) / np.linalg.norm(halves[1])
    familiar = torch.from_numpy(familiar_of(canvases_of([sample("rocket").pixels])))
    assert likeness(first, familiar).item() == pytest.approx(expected, abs=1e-5)


def test_of_many_photos_some_evenly_chosen_ones_are_familiar() -> None:
    assert familiar_of(canvases_of([noise(seed) for seed in range(3)])).shape[0] == 3
    assert familiar_of(canvases_of([noise(seed) for seed in range(40)])).shape[0] == MOST_FAMILIAR


@pytest.mark.parametrize("picture", ["blank", "noise", "coffee", "text", "rocket"])
def test_what_it_never_saw_is_not_believed(picture: str) -> None:
    made = {"blank": np.full((100, 140, 3), 77, np.uint8), "noise": noise(3)}
    pixels = made[picture] if picture in made else sample(picture).pixels
    turn = np.array([[np.cos(0.5), -np.sin(0.5), 0], [np.sin(0.5), np.cos(0.5), 0]])
    assert straighten(shipped(), warp(pixels, turn)).belief < 0.5


def test_new_tilts_of_what_it_learned_from_are_believed() -> None:
    result, photo = shipped(), sample("chelsea").pixels
    bends = result.distortions.draw(20, torch.Generator().manual_seed(77))
    answers = [straighten(result, warp(photo, bend)) for bend in bends]
    assert np.mean([answer.believed for answer in answers]) >= 0.95
    assert all(answer.believed == (answer.belief >= BELIEVED) for answer in answers)


def test_a_calibration_without_novelty_believes_the_same_however_new_a_photo_looks() -> None:
    distances = distances_of(np.array([0.01, 0.01]), np.array([0.99, 0.6]))
    assert distances[:, 2].tolist() == pytest.approx([1 / (1 + np.exp(50 * 0.12)), 1 / (1 + np.exp(-50 * 0.27))], abs=1e-5)
    without = Calibration(2.0, (0.5, 1.0), FLOORS)
    assert without.belief(distances).tolist() == pytest.approx(without.belief(distances[:, :2]).tolist())
    new = Calibration(2.0, (0.5, 1.0, 0.7), (*FLOORS, FLOOR_OF_NOVELTY)).belief(distances)
    assert new[0] > without.belief(distances)[0] > without.belief(distances)[1] == pytest.approx(new[1], abs=0.01)
