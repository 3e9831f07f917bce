"""How often and from where a photo is looked at."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.stn.datasets.canvas import Canvases, canvases_of
from core.stn.datasets.canvas_size import CANVAS, VIEW
from core.stn.datasets.distortions import Distortions
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import Parts, compose, frame_grid, identity, inverse, rotation_deg, theta_of
from core.stn.straighten.looking.familiar import POOL, familiar_of
from core.stn.straighten.looking.looks import (
    CLEARLY,
    FAMILIAR,
    LOOKS,
    SHRINKING,
    Looking,
    apart,
    best_side,
    look,
    look_again,
    practised,
    preferred,
)
from core.stn.straighten.looking.view import views
from core.stn.straighten.request import SIDES, sides_for
from tests.stn.straighten.finished_runs import network_of

STRANGE = np.zeros((1, (VIEW // POOL) ** 2), np.float32)  # nothing is familiar
AHEAD, AROUND = (Looking.of(Distortions.of("similarity", angle)) for angle in (45, 180))


class Shrinking(nn.Module):
    """Answers look after look: turned by so many degrees at first, each time `ratio` times as many."""

    def __init__(self, degrees: float, ratio: float) -> None:
        super().__init__()
        self.degrees, self.ratio, self.looks = degrees, ratio, 0

    def forward(self, view: Tensor) -> Tensor:
        turn = theta_of(Parts(rotation_deg=self.degrees * self.ratio**self.looks)).float()
        self.looks += 1
        return turn.expand(len(view), 2, 3)


class Knows(nn.Module):
    """Tells by how much one photo is turned, to 2°, and says so; what it does with that answer is a subclass's."""

    def __init__(self, canvases: Canvases) -> None:
        super().__init__()
        self.angles = torch.arange(-180.0, 180.0, 2)
        turns = torch.stack([theta_of(Parts(rotation_deg=angle)) for angle in self.angles.tolist()]).float()
        self.known = views(canvases[torch.zeros(len(turns), dtype=torch.long)], turns).flatten(1)

    def nearest(self, view: Tensor) -> Tensor:
        return self.angles[torch.cdist(view.flatten(1), self.known).argmin(dim=1)]

    def answer(self, nearest: Tensor) -> Tensor:
        return nearest

    def forward(self, view: Tensor) -> Tensor:
        answers = self.answer(self.nearest(view)).tolist()
        return torch.stack([theta_of(Parts(rotation_deg=-angle)) for angle in answers]).float()


class SometimesUpsideDown(Knows):
    """Answers exactly, but takes views turned by 100° to 170° for ones upside down, and leaves those as they are."""

    def answer(self, nearest: Tensor) -> Tensor:
        doubled = torch.where((nearest > 100) & (nearest < 170), nearest + 180, nearest)
        return torch.where(nearest.abs() > 175, 0.0, doubled)


@pytest.fixture
def canvases(photo: np.ndarray) -> Canvases:
    return canvases_of([photo, photo[:, :255]])


def turned_canvases(canvases: Canvases, *angles: float) -> Canvases:
    turns = [theta_of(Parts(rotation_deg=angle)).float()[None] for angle in angles]
    pixels = torch.cat([sample(canvases.pixels[:1], frame_grid(turn, CANVAS, CANVAS)) for turn in turns])
    return Canvases(pixels, canvases.frames[:1].expand(len(pixels), 2))


# -- how many looks ----------------------------------------------------------------------------------------


def test_looks_are_composed(canvases: Canvases) -> None:
    found = look(Shrinking(-16, 0.5), canvases, AHEAD, STRANGE, looks=3)
    assert torch.allclose(rotation_deg(found), torch.tensor([-28.0, -28.0]), atol=1e-3)


def test_no_look_changes_nothing(canvases: Canvases) -> None:
    assert torch.equal(look(Shrinking(-7, 0.5), canvases, AHEAD, STRANGE, looks=0), identity(2))


@pytest.mark.parametrize("ratio", [1.0, 1.3])
def test_a_look_that_moves_as_far_as_the_one_before_is_not_taken(canvases: Canvases, ratio: float) -> None:
    network = Shrinking(-7, ratio)
    assert torch.allclose(rotation_deg(look(network, canvases, AHEAD, STRANGE)), torch.tensor([-7.0, -7.0]), atol=1e-3)
    assert network.looks == 2


def test_looking_ends_where_it_converges_and_never_later_than_after_all_looks(canvases: Canvases) -> None:
    fast, slow = Shrinking(-20, 0.1), Shrinking(-5, 0.9)
    look(fast, canvases, AHEAD, STRANGE)
    look(slow, canvases, AHEAD, STRANGE)
    assert fast.looks < 8
    assert slow.looks == LOOKS


def test_each_photo_ends_by_itself(canvases: Canvases) -> None:
    class Each(Shrinking):
        def forward(self, view: Tensor) -> Tensor:
            theta = super().forward(view).clone()
            theta[1] = theta_of(Parts(rotation_deg=-3)).float()
            return theta

    found = rotation_deg(look(Each(-16, 0.5), canvases, AHEAD, STRANGE, looks=3))
    assert found.tolist() == pytest.approx([-28, -3], abs=1e-3)


@pytest.mark.parametrize("parts", [Parts(0, 3, 3), Parts(0, 0.3, 0.3), Parts(shift_x=1.2), Parts(40, 1, 1, 0, 0.8, -0.9)])
def test_a_look_beyond_what_was_practised_is_not_taken(canvases: Canvases, parts: Parts) -> None:
    class Strays(nn.Module):
        def forward(self, view: Tensor) -> Tensor:
            return theta_of(parts).float().expand(len(view), 2, 3)

    assert torch.equal(look(Strays(), canvases, AHEAD, STRANGE), identity(2))


@pytest.mark.parametrize("family", FAMILIES)
def test_what_undoes_a_trial_is_within_what_was_practised(family: FamilyName) -> None:
    distortions = Distortions.of(family, 180)
    undone = inverse(distortions.draw(500, torch.Generator().manual_seed(3)))
    assert practised(undone, Looking.of(distortions)).all()


@pytest.mark.parametrize("family", ["similarity", "projective", "tps"])
def test_an_untrained_network_of_any_kind_is_followed_without_an_error(canvases: Canvases, family: FamilyName) -> None:
    looking = Looking.of(Distortions.of(family, 180))
    theta = look(network_of(family, strength=0.3), canvases, looking, STRANGE)
    assert theta.isfinite().all()
    assert look_again(network_of(family, strength=0.3), canvases, theta, looking).isfinite().all()


# -- from which sides --------------------------------------------------------------------------------------


def test_looking_from_all_sides_outvotes_a_network_that_is_upside_down_for_some_angles(canvases: Canvases) -> None:
    turned, network = turned_canvases(canvases, 120, 20), SometimesUpsideDown(canvases)
    once, from_all_sides = (rotation_deg(look(network, turned, looking, STRANGE)) for looking in (AHEAD, AROUND))
    assert once.tolist() == pytest.approx([60, -20], abs=3)
    assert from_all_sides.tolist() == pytest.approx([-120, -20], abs=3)


def test_only_photos_that_may_stand_on_their_head_are_looked_at_from_all_sides() -> None:
    assert [sides_for(angle) for angle in (45, 90, 91, 180)] == [1, 1, SIDES, SIDES]


def sides_at(*angles: float) -> Tensor:
    return torch.stack([theta_of(Parts(rotation_deg=angle)) for angle in angles]).float()


def test_of_sides_that_agree_equally_well_the_first_is_chosen_whatever_rounding_does() -> None:
    generator, thetas = torch.Generator().manual_seed(0), sides_at(10, 90, 170, 171, 300, 301)
    for _ in range(50):
        noisy, alike = (values + 1e-6 * torch.randn(values.shape, generator=generator) for values in (thetas, torch.zeros(6)))
        assert rotation_deg(best_side(noisy, 6, alike)).item() == pytest.approx(170, abs=0.01)


@pytest.mark.parametrize(
    ("alike", "angle"),
    [
        ((0.1, 0.9, 0.3, 0.3, 0.2, 0.2), 90),  # one side shows something familiar: the others are outvoted
        ((0.1, 0.8, 0.3, 0.3, 0.2, 0.9), 301),  # the most familiar one
        ((0.1, FAMILIAR - 0.01, 0.3, 0.3, 0.2, 0.2), 170),  # not familiar enough: the vote
        ((0.1, 0.9, 0.3, 0.3, 0.9, 0.2), 90),  # equally familiar: the first
    ],
)
def test_the_side_that_shows_something_familiar_counts_whatever_the_others_agree_on(
    alike: tuple[float, ...], angle: float
) -> None:
    thetas = sides_at(10, 90, 170, 171, 300, 301)
    chosen = best_side(thetas.repeat(2, 1, 1), 6, torch.tensor(alike * 2))
    assert ((rotation_deg(chosen) - angle + 180) % 360 - 180).tolist() == pytest.approx([0, 0], abs=1e-3)


def test_a_photo_that_it_learned_from_is_recognised_where_no_two_sides_agree(canvases: Canvases) -> None:
    class RightOnce(Knows):
        """Right about views that are turned by less than 40°; leaves others as they are."""

        def answer(self, nearest: Tensor) -> Tensor:
            return torch.where(nearest.abs() < 40, nearest, 0.0)

    turned, network = turned_canvases(canvases, 100, -100), RightOnce(canvases)
    by_vote = rotation_deg(look(network, turned, AROUND, STRANGE))
    recognised = rotation_deg(look(network, turned, AROUND, familiar_of(canvases[torch.tensor([0])])))
    assert recognised.tolist() == pytest.approx([-100, 100], abs=3)
    assert (by_vote - recognised).abs().min() > 10


# -- looking again -----------------------------------------------------------------------------------------


def scatter_of(network: nn.Module, canvases: Canvases, theta: Tensor) -> Tensor:
    answers = look_again(network, canvases, theta, AHEAD)
    return preferred(answers, torch.zeros(len(answers)), len(AHEAD.starts))[1]


def test_a_network_that_knows_a_photo_ends_where_it_ended_from_turned_starts_too(canvases: Canvases) -> None:
    known = canvases[torch.tensor([0])]
    assert scatter_of(Knows(known), known, identity()).item() < 0.02


def test_a_network_that_leaves_everything_as_it_is_scatters_by_the_starts(canvases: Canvases) -> None:
    class Idle(nn.Module):
        def forward(self, view: Tensor) -> Tensor:
            return identity(len(view))

    starts = torch.deg2rad(torch.tensor([10.0, 20.0]))
    expected = (2 * 2**0.5 * torch.sin(starts / 2)).mean()  # how far a corner, √2 from the centre, moves
    found = scatter_of(Idle(), canvases, identity(2))
    assert found.tolist() == pytest.approx([expected.item()] * 2, rel=1e-4)


def test_networks_that_practised_less_start_less_turned_and_those_that_do_not_turn_start_shifted() -> None:
    assert max(start.rotation_deg for start in Looking.of(Distortions.of("similarity", 10)).starts) == 10
    starts = Looking.of(Distortions.of("translation", 45)).starts
    assert all(start.rotation_deg == 0 and start.shift_x and start.shift_y for start in starts[1:])
    assert starts[0] == Parts()


@pytest.mark.parametrize(
    ("alike", "theta", "scatter"),
    [
        ((0.2, 0.9, 0.85, 0.1), 0.3, (0.3 + 0.02 + 0.3) / 3),  # looks most familiar, and the third start leads near to it
        ((0.2, 0.85, 0.9, 0.1), 0.32, (0.32 + 0.02 + 0.28) / 3),
        ((0.9, 0.9 + CLEARLY / 2, 0.1, 0.1), 0.0, (0.3 + 0.32 + 0.6) / 3),  # not clearly more
        ((0.1, FAMILIAR - 0.01, 0.2, 0.1), 0.0, (0.3 + 0.32 + 0.6) / 3),  # not familiar enough
        ((0.2, 0.3, 0.3, 0.9), 0.0, (0.3 + 0.32 + 0.6) / 3),  # only one start leads there
    ],
)
def test_an_answer_that_shows_what_is_clearly_more_familiar_and_that_two_starts_lead_to_is_preferred(
    alike: tuple[float, ...], theta: float, scatter: float
) -> None:
    answers = torch.stack([theta_of(Parts(shift_x=x)) for x in (0.0, 0.3, 0.32, 0.6)]).float()
    chosen, found, best = preferred(answers.repeat(2, 1, 1), torch.tensor(alike * 2), 4)
    assert chosen[:, 0, 2].tolist() == pytest.approx([theta] * 2)
    assert found.tolist() == pytest.approx([scatter] * 2, abs=1e-6)
    assert best.tolist() == pytest.approx([alike[[0.0, 0.3, 0.32, 0.6].index(theta)]] * 2)


def test_thetas_are_apart_by_what_the_corners_are() -> None:
    first, second = theta_of(Parts(shift_x=0.3)).float()[None], theta_of(Parts(shift_y=0.4)).float()[None]
    assert apart(first, second).item() == pytest.approx(0.5)
    assert apart(first, compose(first, second)).item() == pytest.approx(0.4)
    assert SHRINKING < 1
