from __future__ import annotations

import pytest
import torch

from core.stn.parts import scenes as making
from core.stn.parts.cues import CLASSES, CUE
from core.stn.parts.looks import CROP
from core.stn.parts.scenes import backgrounds, scenes_of


def scenes(count: int = 300, side: int = 56, seed: int = 0, test: bool = False):
    return scenes_of(count, side, torch.Generator().manual_seed(seed), test)


def test_no_crop_shows_any_of_both_cues() -> None:
    cues = scenes(side=112).cues
    assert (cues[:, 0] - cues[:, 1]).abs().amax(dim=1).min() > 2 * (CROP + CUE)


def test_cues_lie_wholly_within_the_scene_and_move() -> None:
    cues = scenes().cues
    assert cues.abs().max() + CUE <= 1
    assert cues.std(dim=0).min() > 0.15


@pytest.mark.parametrize("side", [56, 112])
def test_cues_are_where_they_are_said_to_be(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = scenes(4, side)
    clear = making.marks(side) * torch.tensor([1.0, 0.0])  # cues that nobody sees
    monkeypatch.setattr(making, "marks", lambda _: clear)
    changed = (made.images.int() - scenes(4, side).images.int()).abs().amax(dim=1) > 2
    for image, cues in zip(changed, made.cues, strict=True):
        for x, y in ((cues + 1) * side / 2).tolist():
            reach = CUE * side / 2 + 1
            rows, columns = torch.nonzero(image).T
            own = ((rows + 0.5 - y).abs() <= reach) & ((columns + 0.5 - x).abs() <= reach)
            middle = [(float(axis[own].min() + axis[own].max()) + 1) / 2 for axis in (columns, rows)]
            assert middle == pytest.approx([x, y], abs=1)
            image[rows[own], columns[own]] = False
        assert not image.any()  # nothing else was changed


def test_all_pairs_of_cues_occur_alike_often() -> None:
    counts = torch.bincount(scenes(400).labels, minlength=len(CLASSES))
    assert len(counts) == len(CLASSES) == 4
    assert counts.min() > 70


def test_equal_generators_make_equal_scenes_and_the_test_has_other_photos() -> None:
    assert torch.equal(scenes(5).images, scenes(5).images)
    learned, tested = backgrounds(56, False), backgrounds(56, True)
    assert (len(learned), len(tested)) == (8, 2)
    assert not any(one.shape == other.shape and torch.equal(one, other) for one in learned for other in tested)
