from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.errors import ImageError, InvalidRequest
from core.stn.datasets.decoding.folders import by_folder, without_copies
from core.stn.datasets.decoding.uploads import read_uploads
from core.stn.datasets.images import Picture, to_png
from core.stn.datasets.labels import check_labels, check_pictures, classes_of, read_folder, squares


def pixels(seed: int, height: int = 10, width: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def pictures(*names: str) -> list[Picture]:
    return [Picture(name, pixels(number)) for number, name in enumerate(names)]


def labels(*names: str) -> list[str]:
    return [one.label for one in by_folder(pictures(*names)).pictures]


def test_the_folder_is_the_class() -> None:
    assert labels("cats/1.png", "dogs/1.png", "dogs/young/2.png") == ["cats", "dogs", "dogs"]


def test_one_folder_around_all_classes_is_skipped() -> None:
    assert labels("pets/cats/1.png", "pets/dogs/1.png") == ["cats", "dogs"]
    assert labels("pets/cats/1.png", "pets/1.png") == ["pets", "pets"]


def test_a_picture_in_no_folder_is_named() -> None:
    with pytest.raises(ImageError, match=r"stray\.png lies in no folder"):
        by_folder(pictures("stray.png", "other.png"))
    one_stray = by_folder(pictures("cats/1.png", "stray.png", "dogs/1.png"))
    assert [one.label for one in one_stray.pictures] == ["cats", "dogs"]
    assert one_stray.notes == ("stray.png lies in no folder and is left out.",)


def test_exact_copies_count_once_within_a_class() -> None:
    one = pixels(1)
    given = [
        Picture("a/1.png", one),
        Picture("a/2.png", one.copy()),
        Picture("b/1.png", one),
        Picture("a/3.png", one.T.copy().T),
    ]
    assert [kept.picture.name for kept in without_copies(by_folder(given).pictures)] == ["a/1.png", "b/1.png"]


def test_zip_and_folder_give_the_same_pictures(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, name in enumerate(
            ("cats/1.png", "dogs/1.png", "dogs/.hidden.png", "__MACOSX/dogs/2.png", "dogs/notes.txt")
        ):
            content = to_png(pixels(number))
            archive.writestr(f"pets/{name}", content)
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
    zipped = by_folder(read_uploads([("pets.zip", buffer.getvalue())]).pictures).pictures
    folder = by_folder(read_uploads(read_folder(tmp_path)[0]).pictures).pictures
    assert [(one.label, one.picture.name) for one in zipped] == [("cats", "cats/1.png"), ("dogs", "dogs/1.png")]
    assert [(one.label, one.picture.name) for one in folder] == [(one.label, one.picture.name) for one in zipped]
    assert all(np.array_equal(a.picture.pixels, b.picture.pixels) for a, b in zip(zipped, folder, strict=True))


def test_a_folder_without_pictures_and_one_with_ten_thousand_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"holds no pictures; put PNG, .* into one sub-folder a class"):
        read_folder(tmp_path)
    for number in range(1001):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(ImageError, match="holds 1,001 pictures, more than 1,000"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ([], "there are no pictures"),
        (["a"], "there is one picture only"),
        (["a"] * 12, "all 12 pictures are of the class 'a'"),
        (["a", "a", "b"], "there is one picture of 'b'; two are the least"),
        (["a", "a", *"bcdef"], "one picture of 'b' and 'c' and 'd' and 2 more"),
        (["a", "b"] * 5000, "10,000 pictures are too many; choose at most 1,000"),
        (["a", "a", "", "b"], "1 picture is without a class"),
    ],
)
def test_what_cannot_be_learned_is_one_sentence(given: list[str], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        check_labels(given)


def test_two_classes_of_two_are_enough() -> None:
    check_labels(["a", "b", "a", "b"])


def test_flat_pictures_are_refused_unless_one_shows_something() -> None:
    flat = [np.full((20, 20, 3), colour, np.uint8) for colour in (0, 120, 255)]
    with pytest.raises(InvalidRequest, match="all 3 pictures are of one flat colour"):
        check_pictures(flat)
    check_pictures([*flat, pixels(0)])


def test_numbers_in_the_names_of_classes_are_in_order() -> None:
    assert classes_of(["sign 10", "Apple", "sign 2", "apple", "sign 2"]) == ("Apple", "apple", "sign 2", "sign 10")
    assert classes_of(["10", "a", "9"]) == ("9", "10", "a")


def test_squares_are_the_middle_of_every_picture() -> None:
    wide = np.zeros((40, 80, 3), np.uint8)
    wide[:, 20:60] = (250, 0, 0)
    square = squares([wide, wide.transpose(1, 0, 2)], 32)
    assert square.shape == (2, 3, 32, 32)
    assert (square[:, 0] == 250).all()


def test_grey_pictures_have_one_channel() -> None:
    grey = np.repeat(pixels(0)[..., :1], 3, axis=2)
    assert squares([grey, grey], 28).shape == (2, 1, 28, 28)
    assert squares([grey, pixels(1)], 28).shape == (2, 3, 28, 28)


def test_making_squares_smaller_does_not_alias() -> None:
    stripes = np.repeat(np.tile(np.array([0, 255], np.uint8), 96)[None, :, None], 192, axis=0).repeat(3, axis=2)
    inside = squares([stripes], 32)[0, 0, :, 4:-4]
    assert np.abs(inside.astype(float) - 127.5).max() < 3
