from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.stn.datasets.canvas import canvases_of, read
from core.stn.datasets.canvas_size import VIEW
from core.stn.datasets.distortions import Distortions
from core.stn.geometry.families import FAMILIES
from core.stn.geometry.theta import Parts, compose, frame_grid, identity, inverse, rotation_deg, theta_of
from core.stn.straighten import self_supervision
from core.stn.straighten.looking.view import finish, views
from core.stn.straighten.run import untrained
from core.stn.straighten.self_supervision import Batch, batches, photometric_loss, pyramid_l1, straying
from core.training import Plan, train
from tests.stn.geometry.stretch import STRETCH
from tests.stn.straighten.requests import request_for


@pytest.fixture
def batch(photo: np.ndarray) -> Batch:
    canvases = canvases_of([photo, photo[:, ::-1]])
    return next(batches(canvases, Distortions(), 64, torch.Generator().manual_seed(0)))


class Fixed(nn.Module):
    """A localisation network that gives one answer."""

    def __init__(self, theta: torch.Tensor) -> None:
        super().__init__()
        self.theta = theta

    def forward(self, view: torch.Tensor) -> torch.Tensor:
        return self.theta


def loss_of(batch: Batch, theta: torch.Tensor) -> float:
    model = untrained("affine", seed=0)
    model.localization = Fixed(theta)
    return photometric_loss(model, batch).item()


def test_a_family_that_stretches_is_trained_on_two_scales(photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "stretch", STRETCH)
    request, _ = request_for([photo], family="stretch")
    rest = next(batches(canvases_of([photo]), request.distortions.for_training, 64, torch.Generator().manual_seed(0))).rest
    across, down = STRETCH.params(rest)[:, :2].T
    assert torch.allclose(STRETCH.theta(STRETCH.params(rest)), rest)
    assert (across - down).abs().amax() > 0.3
    assert straying(inverse(rest)) == 0


def test_loss_is_zero_where_theta_undoes_the_distortion(batch: Batch) -> None:
    assert loss_of(batch, inverse(batch.rest)) == pytest.approx(0, abs=1e-4)
    assert loss_of(batch, identity(64)) > 0.1
    assert loss_of(batch, batch.rest) > 0.1


def test_loss_by_hand_counts_each_level_in_its_own_contrast() -> None:
    stripes = torch.tensor([-1.0, 1.0]).repeat(VIEW // 2).expand(2, 1, VIEW, VIEW)  # vanish at the second level
    assert pyramid_l1(stripes, stripes) == 0
    finest = 2 / 1.02  # upside down: off by 2, with a contrast of 1; nothing is left of it on coarser levels
    assert pyramid_l1(-stripes, stripes).item() == pytest.approx(finest / self_supervision.LEVELS, rel=1e-4)


def test_distortions_of_training_can_be_undone_at_no_cost() -> None:
    for family in ("similarity", "affine"):
        bends = Distortions.of(family, 180).for_training.draw(5000, torch.Generator().manual_seed(0))
        assert straying(inverse(bends)) == 0


@pytest.mark.parametrize("lost", [Parts(scale_x=10, scale_y=10), Parts(shift_x=3)])
def test_straying_pulls_back_where_pixels_have_no_gradient(lost: Parts) -> None:
    theta = theta_of(lost)[None].requires_grad_()
    straying(theta).backward()
    assert straying((theta - 0.1 * theta.grad).detach()) < straying(theta.detach())


def test_second_looks_leave_less_to_undo_than_first_looks(batch: Batch) -> None:
    left = rotation_deg(batch.rest).abs()
    assert left[:32].median() < 5 < 15 < left[32:].median()


def test_view_of_a_first_look_is_the_bent_photo(photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_supervision, "SECOND_LOOKS", 0.0)
    monkeypatch.setattr(self_supervision, "FILLED", 0.0)
    batch = next(batches(canvases_of([photo]), Distortions(), 8, torch.Generator().manual_seed(0)))
    assert torch.allclose(batch.view, views(batch.canvases, batch.rest), atol=1e-4)


def test_view_of_a_second_look_continues_the_border_of_the_bent_photo(photo: np.ndarray) -> None:
    """Oracle: bend the canvas once, keep only its frame, and look at it again."""
    canvases = canvases_of([photo[:, :255]])
    generator = torch.Generator().manual_seed(1)
    first, rest = Distortions().draw(4, generator), Distortions().draw(4, generator, 0.1)
    bent = read(canvases.expand(4), frame_grid(first, VIEW, VIEW))  # its frame is the square
    grid = frame_grid(compose(inverse(first), rest), VIEW, VIEW)
    twice = torch.nn.functional.grid_sample(bent, grid, padding_mode="border", align_corners=False)
    bent_once = self_supervision._look(canvases.expand(4), first, rest, torch.Generator().manual_seed(9))
    plain = torch.rand(4, 1, 1, generator=torch.Generator().manual_seed(9)).flatten() >= self_supervision.FILLED
    difference = (finish(twice) - bent_once)[plain]
    assert plain.any()
    assert difference.abs().mean() < 0.1  # the oracle samples twice, and so blurs


def test_gradient_pulls_towards_the_true_angle(photo: np.ndarray) -> None:
    batch = next(batches(canvases_of([photo]), Distortions(max_angle=5), 32, torch.Generator().manual_seed(0)))
    angle = torch.zeros(32, requires_grad=True)
    cos, sin, zero = torch.cos(angle), torch.sin(angle), torch.zeros(32)
    turn = torch.stack([torch.stack([cos, -sin, zero], -1), torch.stack([sin, cos, zero], -1)], -2)
    without_turn = compose(inverse(batch.rest), _turned(-rotation_deg(inverse(batch.rest))))
    model = untrained("affine", seed=0)
    model.localization = Fixed(compose(without_turn, turn))
    photometric_loss(model, batch).backward()
    wanted = rotation_deg(inverse(batch.rest))
    clear = wanted.abs() > 1
    assert (torch.sign(-angle.grad) == torch.sign(wanted))[clear].float().mean() > 0.9


def _turned(degrees: torch.Tensor) -> torch.Tensor:
    phi = torch.deg2rad(degrees)
    cos, sin, zero = torch.cos(phi), torch.sin(phi), torch.zeros_like(phi)
    return torch.stack([torch.stack([cos, -sin, zero], -1), torch.stack([sin, cos, zero], -1)], -2)


def test_same_seed_same_batches(photo: np.ndarray) -> None:
    def first(seed: int) -> torch.Tensor:
        return next(batches(canvases_of([photo]), Distortions(), 4, torch.Generator().manual_seed(seed))).view

    assert torch.equal(first(5), first(5))
    assert not torch.equal(first(5), first(6))


def test_of_several_photos_most_are_blended_with_another_upright_one(photo: np.ndarray) -> None:
    black, white = np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)
    black[:32], white[:32] = 40, 215  # neither is flat
    canvases = canvases_of([black, white])
    chosen = self_supervision._choose(canvases, 400, torch.Generator().manual_seed(0)).pixels
    top = chosen[:, 0, 40, 64]
    pure = canvases.pixels[:, 0, 40, 64]
    blended = (top[:, None] - pure).abs().amin(dim=1) > 1e-6
    assert blended.float().mean() == pytest.approx(self_supervision.MIXED / 2, abs=0.1)  # half of the time with itself
    assert top.min() >= pure.min()
    assert top.max() <= pure.max()


def test_blends_keep_to_the_frame_that_both_photos_fill(photo: np.ndarray) -> None:
    wide, high = canvases_of([photo]).frames[0], canvases_of([photo.transpose(1, 0, 2)]).frames[0]
    chosen = self_supervision._choose(canvases_of([photo, photo.transpose(1, 0, 2)]), 64, torch.Generator().manual_seed(0))
    allowed = torch.stack([wide, high, torch.minimum(wide, high)])
    assert torch.cdist(chosen.frames, allowed).amin(dim=1).max() < 1e-6
    assert self_supervision._choose(canvases_of([photo]), 4, torch.Generator()).frames.tolist() == [wide.tolist()] * 4


def test_equal_seeds_learn_the_same_in_equal_steps(photo: np.ndarray) -> None:
    def weights() -> list[torch.Tensor]:
        model = untrained("similarity", seed=3)
        stream = batches(canvases_of([photo]), Distortions(), 8, torch.Generator().manual_seed(3))
        list(train(model, stream, lambda _, batch: photometric_loss(model, batch), Plan(steps=3)))
        return list(model.state_dict().values())

    assert all(torch.equal(one, other) for one, other in zip(weights(), weights(), strict=True))
