from __future__ import annotations

import pytest
import torch

from core.stn.distortions import Distortions
from core.stn.thetas import identity, parts, rotation_deg


def drawn(distortions: Distortions, seed: int = 0) -> torch.Tensor:
    return distortions.draw(2000, torch.Generator().manual_seed(seed))


def test_distortions_stay_within_their_bounds_and_reach_them() -> None:
    found = [parts(theta) for theta in drawn(Distortions.of("similarity", 60))]
    for values, low, high in [
        ([p.rotation_deg for p in found], -60, 60),
        ([p.scale_x for p in found], 0.8, 1.2),
        ([p.shift_x for p in found], -0.2, 0.2),
        ([p.shift_y for p in found], -0.2, 0.2),
    ]:
        slack = 0.02 * (high - low)
        assert low - 1e-4 <= min(values) < low + slack
        assert high - slack < max(values) <= high + 1e-4
    assert max(abs(p.shear) for p in found) < 1e-5


def test_only_the_affine_family_meets_shear() -> None:
    sheared = [parts(theta).shear for theta in drawn(Distortions.of("affine", 45))]
    assert 0.13 < max(sheared) <= 0.1501


def test_share_makes_every_amount_smaller() -> None:
    generator = torch.Generator().manual_seed(0)
    none = Distortions().draw(10, generator, torch.zeros(10))
    assert torch.allclose(none, identity(10))
    tenth = Distortions(max_angle=90).draw(500, generator, 0.1)
    assert rotation_deg(tenth).abs().max() == pytest.approx(9, abs=0.3)


def test_same_seed_same_distortions() -> None:
    assert torch.equal(drawn(Distortions(), 3), drawn(Distortions(), 3))
    assert not torch.equal(drawn(Distortions(), 3), drawn(Distortions(), 4))


def test_practice_reaches_further_than_what_is_asked_for() -> None:
    practice = Distortions.of("affine", 45).practice
    assert practice.max_angle == pytest.approx(49.5)
    assert practice.scale == pytest.approx(0.3)
    assert practice.shift == pytest.approx(0.25)
    assert practice.shear == Distortions.of("affine", 45).shear
    assert Distortions(max_angle=180).practice.max_angle == 180
