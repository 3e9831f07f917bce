"""`train classify` through the same entry as `python -m core`."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.runs.lab import lab
from core.shell import find
from core.stn.classify.result import ClassifyResult
from core.stn.datasets.images import from_png, to_png
from core.stn.datasets.samples import digits
from tests.test_main import Command, gridcast, home  # noqa: F401  # fixtures


def pets(folder: Path, **counts: int) -> Path:
    """A folder with so many pictures of each class."""
    for number, (label, count) in enumerate(counts.items()):
        for index, image in enumerate(digits(number, count)):
            path = folder / label / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(to_png(np.repeat(image[..., None], 3, axis=2)))
    return folder


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ((), "give either a folder or ZIP of pictures or --digits"),
        (("--digits", "shipped", "--distortion", "X"), "--distortion 'X' will not do"),
        (("--digits", "shipped", "--models", "cnn,dnn"), "--models 'dnn' will not do"),
        (("--digits", "shipped", "--models", ""), "the models are none"),
        (("--digits", "shipped", "--budget", "0"), "the time for a model is 0 s"),
        (("--digits", "shipped", "--transformers", "9"), "9 transformers"),
        (("missing.zip",), "missing.zip cannot be read"),
    ],
)
def test_a_mistake_is_one_sentence_and_status_two(gridcast: Command, words: tuple[str, ...], cause: str) -> None:  # noqa: F811
    answer = gridcast("train", "classify", *words, "--json")
    assert (answer.status, answer.out) == (2, "")
    assert cause in answer.err
    assert answer.err.strip().count("\n") == 0


@pytest.mark.parametrize(
    ("counts", "cause"),
    [
        ({"cats": 5}, "all 5 pictures are of the class 'cats'"),
        ({"cats": 1}, "there is one picture only"),
        ({"cats": 5, "dogs": 1}, "there is one picture of 'dogs'"),
    ],
)
def test_folders_that_cannot_be_learned_are_refused(
    gridcast: Command, tmp_path: Path, counts: dict[str, int], cause: str  # noqa: F811
) -> None:  # fmt: skip
    answer = gridcast("train", "classify", pets(tmp_path / "pets", **counts))
    assert answer.status == 2
    assert cause in answer.err


@pytest.mark.slow
def test_a_split_that_came_with_the_pictures_is_the_split_and_what_is_left_out_is_said(
    gridcast: Command, home: Path, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    for part, count in (("train", 4), ("test", 2)):
        pets(tmp_path / "pets" / part, cats=count, dogs=count)
    for path in (tmp_path / "pets" / "test").rglob("*.png"):
        path.write_bytes(to_png(255 - from_png(path.read_bytes())))  # no copies of what is learned
    (tmp_path / "pets" / "test" / "cats" / "cut.png").write_bytes(b"hello")
    words = ("--distortion", "none", "--models", "fcn", "--budget", "2", "--json")
    answer = gridcast("train", "classify", tmp_path / "pets", *words)
    assert answer.status == 0, answer.err
    assert "left out: test/cats/cut.png is not a picture that can be read" in answer.err
    assert "Split as the folders are: 8 pictures to learn from, 4 for the test." in answer.err
    assert len(answer.json["left_out"]) == 1
    result = lab().result(find(answer.json["run"]))
    assert isinstance(result, ClassifyResult)
    assert [name.split("/")[0] for name in result.names] == ["test"] * 4
    assert (result.learned_from, result.folds, len(result.truth)) == (8, 1, 4)
    assert "On 4 pictures, which came as the part for the test," in result.verdict


def test_a_folder_without_mnist_says_which_file_is_missing(gridcast: Command, tmp_path: Path) -> None:  # noqa: F811
    answer = gridcast("train", "classify", "--mnist", tmp_path)
    assert (answer.status, "has no file train-images-idx3-ubyte.gz" in answer.err) == (2, True)


@pytest.mark.slow
def test_a_zip_is_learned_like_its_folder_and_scores_are_rows(gridcast: Command, tmp_path: Path) -> None:  # noqa: F811
    folder, buffer = pets(tmp_path / "pets", cats=4, dogs=4), io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, Path("pets") / path.relative_to(folder))
    (tmp_path / "pets.zip").write_bytes(buffer.getvalue())
    words = ("--distortion", "photo", "--models", "fcn,st-fcn", "--budget", "2", "--json")
    first, second = (gridcast("train", "classify", source, *words) for source in (folder, tmp_path / "pets.zip"))
    assert (first.status, first.json["cached"], second.json["cached"]) == (0, False, True)
    rows = first.json["scores"]
    assert [row["model"] for row in rows] == ["fcn", "st-fcn"]
    assert all({"error", "error_se", "parameters", "seconds"} <= row.keys() for row in rows)
    gridcast("export", first.json["run"], "--format", "csv", "--to", tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"scores.csv", "robustness.csv", "confusion.csv"}
