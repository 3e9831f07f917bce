"""The oracle is SciPy's own interpolation: another sampler, whose loss is differentiated by finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from core.projector import for_projector
from core.stn.datasets.samples import sample
from core.stn.geometry.families import FAMILIES
from core.stn.geometry.theta import Parts, theta_of
from core.stn.geometry.warping import Sampling
from core.stn.warp.controls import identity_of, start
from core.stn.warp.step_figures import STAGES, blocks
from core.stn.warp.training_step import TrainingStep, training_step

PARTS = {"coins": Parts(7, 1.06, 0.93, 0.04, 0.05, -0.08), "coffee": Parts(-5, 0.95, 0.97, 0, 0.1, 0.02)}


def step_on(name: str, family: str = "affine", sampling: Sampling | None = None, rate: float = 0.1) -> TrainingStep:
    theta = theta_of(PARTS[name]).numpy() if family == "affine" else start(family)
    return training_step(sample(name).pixels, theta, family, sampling or Sampling(), rate)


def scipys_loss(theta: np.ndarray, image: np.ndarray) -> float:
    """The loss of a matrix in square coordinates, without anything of ours."""
    height, width = image.shape
    unit = min(width, height) / 2
    y, x = np.mgrid[:height, :width]
    x, y = (x + 0.5 - width / 2) / unit, (y + 0.5 - height / 2) / unit
    columns, rows = (theta[n, 0] * x + theta[n, 1] * y + theta[n, 2] for n in (0, 1))
    seen = map_coordinates(image, [rows * unit + height / 2 - 0.5, columns * unit + width / 2 - 0.5], order=1, mode="nearest")
    return float(((seen - image) ** 2).mean())


@pytest.mark.parametrize("name", PARTS)
def test_every_gradient_is_that_of_the_loss_of_another_sampler(name: str) -> None:
    step, change = step_on(name), 1e-8
    assert step.loss == pytest.approx(scipys_loss(step.theta, step.image), rel=1e-9)
    for number, place in enumerate(np.ndindex(2, 3)):
        sides = []
        for sign in (1, -1):
            theta = step.theta.copy()
            theta[place] += sign * change
            sides.append(scipys_loss(theta, step.image))
        assert step.by_numbers[number] == pytest.approx((sides[0] - sides[1]) / (2 * change), abs=1e-6)
    assert np.allclose(step.by_numbers, step.by_difference, atol=1e-6)
    assert step.new_loss == pytest.approx(scipys_loss(step.new_theta, step.image), rel=1e-9)
    assert step.new_loss < step.loss


def test_the_gradients_on_the_way_back_are_the_chain_rule_written_out() -> None:
    step = step_on("coins")
    height, width = step.image.shape
    assert np.allclose(step.by_output, 2 / step.image.size * (step.output - step.image))
    unit = min(width, height) / 2
    y, x = np.mgrid[:height, :width]
    target = np.stack([(x + 0.5 - width / 2) / unit, (y + 0.5 - height / 2) / unit, np.ones_like(x)], axis=-1)
    summed = np.einsum("hwi,hwj->ij", step.by_grid * unit, target)  # ∂L/∂a11 = Σ ∂L/∂x_s · x_t, …
    assert np.allclose(summed.ravel(), step.by_numbers)
    assert np.allclose(blocks(step)[1].sum(axis=0), step.by_grid.sum(axis=(0, 1)))
    assert np.allclose(step.new_numbers, step.numbers - step.rate * step.by_numbers)


@pytest.mark.parametrize("family", FAMILIES)
def test_autograd_and_differences_agree_in_every_family(family: str) -> None:
    step = step_on("coffee", family, Sampling("bicubic"))
    assert len(step.names) == len(step.by_numbers)
    assert step.difference < 1e-5


def test_where_nothing_can_be_learned_the_step_stays() -> None:
    for step in (step_on("coins", sampling=Sampling("integer")),
                 training_step(sample("coins").pixels, identity_of("affine"), "affine", Sampling("bicubic"), 1.0)):  # fmt: skip
        assert np.abs(step.by_numbers).max() < 1e-12
        assert step.difference == 0
        assert np.allclose(step.new_theta, step.theta)


def test_every_stage_is_drawn_from_its_numbers() -> None:
    step = step_on("coins")
    for draw, _ in STAGES.values():
        for_projector(draw(step, "light"))
    drawn = {name: draw(step, "dark").data for name, (draw, _) in STAGES.items()}
    assert np.allclose(drawn["∂L/∂V"][0].z, step.by_output)
    assert np.allclose(drawn["∂L/∂θ"][0].y, step.by_numbers)
    arrows = drawn["∂L/∂T_θ(G)"][-1]
    x, y = (np.array(values).reshape(-1, 3) for values in (arrows.x, arrows.y))
    looks, pulls = blocks(step)
    drawn_blocks = np.linalg.norm(pulls, axis=1) > 0.04 * np.quantile(np.linalg.norm(pulls, axis=1), 0.98)
    looks, pulls = looks[drawn_blocks], pulls[drawn_blocks]
    assert len(looks) > 100
    assert np.allclose(np.stack([x[:, 0], y[:, 0]], axis=-1), looks)
    assert ((x[:, 1] - x[:, 0]) * pulls[:, 0] <= 0).all()  # downhill
    assert ((y[:, 1] - y[:, 0]) * pulls[:, 1] <= 0).all()
