"""Classes by the folders of pictures, and splits that come with them."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from core.errors import ImageError, InvalidRequest
from core.stn.datasets.decoding.folders import LabelledPictures, by_folder
from core.stn.datasets.decoding.pages import page_name
from core.stn.datasets.images import Picture
from core.stn.datasets.labels import check_split


def sorted_(*names: str) -> LabelledPictures:
    return by_folder([Picture(name, np.full((9, 9, 3), number, np.uint8)) for number, name in enumerate(names)])


def labels(given: LabelledPictures) -> list[tuple[str, bool]]:
    return [(one.label, one.tested) for one in given.pictures]


SPLIT = [("cat", False), ("dog", False), ("cat", True)]


@pytest.mark.parametrize(
    "names",
    [
        ("train/cat/1.png", "train/dog/1.png", "test/cat/1.png"),
        ("pets/train/cat/1.png", "pets/train/dog/1.png", "pets/test/cat/1.png"),
        ("pets/v2/Training/cat/1.png", "pets/v2/Training/dog/1.png", "pets/v2/Testing/cat/1.png"),
        ("cat/train/1.png", "dog/train/1.png", "cat/test/1.png"),
        ("train/cat/1.png", "train/dog/young/1.png", "val/cat/1.png"),
        ("train2017/cat/1.png", "train2017/dog/1.png", "val2017/cat/1.png"),
        ("Train_set/cat/1.png", "Train_set/dog/1.png", "test1/cat/1.png"),
    ],
)
def test_the_class_is_the_next_level_and_the_split_is_used(names: tuple[str, ...]) -> None:
    given = sorted_(*names)
    assert labels(given) == SPLIT
    assert given.split
    assert given.notes == ("Split as the folders are: 2 pictures to learn from, 1 for the test.",)


def test_pictures_for_validation_are_learned_from_beside_a_test_and_that_is_said() -> None:
    given = sorted_("train/cat/1.png", "train/dog/1.png", "valid/dog/2.png", "test/cat/1.png")
    assert labels(given) == [("cat", False), ("dog", False), ("dog", False), ("cat", True)]
    assert "Split as the folders are: 3 pictures to learn from, 1 for the test." in given.notes[0]
    assert "its 1 are learned from as well" in given.notes[0]


def test_pictures_of_a_test_without_classes_are_left_out_and_named() -> None:
    given = sorted_("train/cat/1.png", "train/dog/1.png", "test/1.png", "test/2.png")
    assert labels(given) == [("cat", False), ("dog", False)]
    assert (
        given.notes[-1]
        == "test/1.png and 1 more lie in the folder of no class, or beside the parts of the split, and are left out."
    )


def test_a_split_without_classes_is_refused() -> None:
    with pytest.raises(ImageError, match="parts of a split and hold no folder a class"):
        sorted_("train/cat.1.png", "test1/1.png")


def test_classes_whose_names_only_begin_like_parts_are_classes() -> None:
    assert labels(sorted_("trains/1.png", "tests/1.png", "values/1.png")) == [
        ("trains", False),
        ("tests", False),
        ("values", False),
    ]


def test_one_part_alone_is_a_folder_around_the_classes() -> None:
    assert labels(sorted_("train/cat/1.png", "train/dog/1.png")) == [("cat", False), ("dog", False)]


def test_all_folders_around_the_classes_are_skipped() -> None:
    assert labels(sorted_("a/b/c/cat/1.png", "a/b/c/dog/1.png")) == [("cat", False), ("dog", False)]


def test_names_that_differ_in_spaces_case_or_composition_are_one_class_and_that_is_said() -> None:
    cafe = "Café"
    given = sorted_("cat/1.png", "Cat /2.png", "cat /3.png", f"{cafe}/1.png", f"{unicodedata.normalize('NFD', cafe)}/2.png")
    assert [label for label, _ in labels(given)] == ["cat", "cat", "cat", cafe, cafe]
    assert given.notes == ("'Cat' and 'cat' are one class, 'cat'.",)


def test_single_letters_differ_by_their_case() -> None:
    assert [label for label, _ in labels(sorted_("a/1.png", "A/1.png"))] == ["a", "A"]


@pytest.mark.parametrize(
    ("given", "tested", "cause"),
    [
        ("aabb", (False,) * 4, "no picture is for the test"),
        ("aab", (False, False, True), "to learn from are of 1 class"),
        ("aabc", (False, False, False, True), "there are pictures of 'c' for the test, none to learn from"),
        ("ab", (True,), "came with 1 parts of a split"),
    ],
)
def test_a_split_that_cannot_be_learned_is_one_sentence(given: str, tested: tuple[bool, ...], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        check_split(list(given), tested)


def test_a_split_may_have_one_picture_of_a_class_in_each_part() -> None:
    check_split(list("abab"), (False, False, True, True))


def test_what_lies_beside_the_parts_of_a_split_is_left_out_and_named() -> None:
    names = ("train/good/1.png", "train/broken/1.png", "test/good/2.png", "ground_truth/broken/2_mask.png")
    given = sorted_(*(f"bottle/{name}" for name in names))
    assert labels(given) == [("good", False), ("broken", False), ("good", True)]
    assert given.notes[-1].startswith("bottle/ground_truth/broken/2_mask.png lies in the folder of no class, or beside")


def test_frames_of_one_file_are_cautioned_about() -> None:
    assert sorted_("a/1.png", "b/1 (copy 2).png").notes == ()
    assert "of one file may be learned from and tested" in sorted_(page_name("a/film.gif", "GIF", 0), "b/1.png").notes[0]
