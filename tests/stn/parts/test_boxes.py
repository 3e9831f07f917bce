from __future__ import annotations

import numpy as np

from core.stn.parts.boxes import alike, holds, likeness, spreads, still, table_of_cues
from core.stn.parts.pictures import COLOURS, corners, thumbnails, with_boxes

BOXES = np.array([[[0.4, 0.0, 0.0], [0.4, 0.5, 0.5]], [[0.4, 0.2, 0.0], [0.4, 0.5, -0.5]]])
CUES = np.array([[[0.39, 0.0], [0.5, 0.89]], [[0.61, 0.0], [0.0, -0.41]]])


def test_the_corners_of_a_box_are_those_that_theta_maps_the_unit_square_to() -> None:
    s, x, y = 0.4, 0.25, -0.5
    theta = np.array([[s, 0, x], [0, s, y]])
    by_hand = [(theta @ [across, down, 1] + 1) * 224 / 2 for across, down in ((-1, -1), (1, 1))]
    assert np.allclose(corners(np.array([s, x, y]), 224), np.concatenate(by_hand))


def test_a_box_holds_a_cue_whose_middle_lies_within_it() -> None:
    assert holds(BOXES, CUES).tolist() == [[[True, False], [False, True]], [[False, False], [False, False]]]


def test_a_box_that_never_moves_stands_at_the_best_place_there_is() -> None:
    cues = np.array([[[-0.5, 0.0]], [[-0.4, 0.1]], [[0.8, 0.8]]])
    boxes = np.full((3, 1, 3), 0.4)
    assert still(boxes, cues).tolist() == [2 / 3]


def test_spread_is_in_the_frame_of_the_cue_and_in_that_of_the_picture() -> None:
    cues = np.random.default_rng(0).uniform(-0.5, 0.5, (50, 2, 2))
    boxes = np.concatenate([np.full((50, 1, 1), 0.4), cues[:, :1] + 0.05], axis=-1)  # always beside the first cue
    table = table_of_cues(boxes, cues, ("one", "other")).set_index("cue")
    assert table.offset_sd["one"] < 1e-9 < 0.3 < table.offset_sd["other"]
    assert table.held["one"] == 1 > table.held["other"]
    assert np.isclose(spreads(boxes)[0], np.sqrt(cues[:, 0].var(axis=0).sum()))


def test_likeness_is_the_mean_correlation_with_every_other_crop() -> None:
    crops = np.random.default_rng(0).normal(size=(5, 4, 4))
    matrix = np.corrcoef(crops.reshape(5, -1))
    assert np.allclose(likeness(crops), (matrix.sum(axis=1) - 1) / 4)


def test_crops_of_the_same_thing_are_more_alike_than_those_of_anything() -> None:
    random = np.random.default_rng(1)
    thing = random.normal(size=(8, 8))
    same, any_ = thing + 0.3 * random.normal(size=(30, 8, 8)), random.normal(size=(30, 8, 8))
    assert alike(same, any_).sure
    assert alike(same, any_).moving > 0.8
    assert not alike(any_, any_).sure


def test_each_transformer_has_its_colour() -> None:
    drawn = with_boxes(np.zeros((56, 56, 3), np.uint8), np.array([[0.4, -0.5, -0.5], [0.4, 0.5, 0.5]]))
    shown = {"#" + bytes(pixel).hex().upper() for pixel in drawn.reshape(-1, 3)}
    assert shown == {"#000000", *COLOURS[:2]}


def test_a_thumbnail_is_the_mean_of_its_pixels() -> None:
    image = np.random.default_rng(0).integers(0, 255, (1, 1, 224, 224)).astype(np.uint8)
    small = thumbnails(image)
    assert small.shape == (1, 112, 112, 3)
    assert small[0, 5, 7].tolist() == [round(float(image[0, 0, 10:12, 14:16].mean()))] * 3
