"""Pictures of other kinds than those of a run."""

from __future__ import annotations

import numpy as np

from core.stn.datasets.samples import sample, sample_names
from core.stn.straighten.looking.strangers import SIDE, strangers_to


def test_strangers_are_shipped_photos_that_are_not_learned_from_and_pieces_of_them_and_patterns() -> None:
    names = [name for name, _ in strangers_to([sample("chelsea").pixels], 84, seed=0)]
    others = set(sample_names()) - {"chelsea"}
    assert set(names) == others | {f"piece of {name}" for name in others} | {"noise", "clouds", "blocks", "stripes"}
    assert names.count("coffee") == names.count("piece of coffee") == 4
    assert len({name.split(" of ")[0] if name not in others else "photo" for name in names[:12]}) == 6


def test_where_every_shipped_photo_is_learned_from_patterns_are_left() -> None:
    photos = [sample(name).pixels for name in sample_names()]
    assert [name for name, _ in strangers_to(photos, 5, seed=0)] == ["noise", "clouds", "blocks", "stripes", "noise"]


def test_strangers_are_pictures_that_differ_and_the_same_for_the_same_seed() -> None:
    first, again, other = (strangers_to([], 36, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(one, two) for (_, one), (_, two) in zip(first, again, strict=True))
    patterns = [picture for name, picture in first if name in ("noise", "clouds", "blocks", "stripes")]
    assert not any(np.array_equal(patterns[0], picture) for picture in patterns[1:])
    assert not np.array_equal(patterns[0], next(picture for name, picture in other if name == "noise"))
    for _, picture in first:
        assert picture.dtype == np.uint8
        assert picture.shape[2] == 3
        assert 12 <= min(picture.shape[:2]) <= max(picture.shape[:2]) <= SIDE
        assert np.ptp(picture) > 100
