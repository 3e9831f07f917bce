from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from core.errors import ImageError
from core.stn.datasets.digits import FILES, Digits, idx, mnist, shipped
from core.stn.datasets.samples import digits


def written(values: np.ndarray) -> bytes:
    """An IDX file, written by hand from its definition."""
    return bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


def files(train: int = 3, test: int = 2) -> list[bytes]:
    random = np.random.default_rng(0)
    images = [random.integers(0, 256, (count, 28, 28), dtype=np.uint8) for count in (train, test)]
    labels = [np.arange(count, dtype=np.uint8) for count in (train, test)]
    return [written(images[0]), written(labels[0]), written(images[1]), written(labels[1])]


def test_shipped_digits_are_five_thousand_to_learn_from_and_one_thousand_to_test() -> None:
    assert shipped().train.images.shape == (5000, 28, 28)
    assert shipped().test.images.shape == (1000, 28, 28)
    assert shipped().train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert shipped().test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.array_equal(digits(count=1000), shipped().test.images)


def test_idx_reads_what_was_written_gzipped_or_not() -> None:
    values = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(idx("a", written(values)), values)
    assert np.array_equal(idx("a", gzip.compress(written(values))), values)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "train begins with nothing"),
        (b"<html>no such file</html>", "train begins with 3c 68 74 6d"),
        (b"\0\0\x0d\x01" + bytes(12), "begins with 00 00 0d 01"),
        (bytes([0, 0, 8, 3, 0, 0]), "ends after 6 bytes, within its header"),
        (written(np.zeros(5, np.uint8))[:-1], "says it holds 5 values but holds 4"),
        (written(np.zeros(5, np.uint8)) + b"\0", "says it holds 5 values but holds 6"),
        (bytes([0, 0, 8, 3]) + b"\xff" * 12, "but holds 0"),
        (gzip.compress(written(np.zeros(500, np.uint8)), mtime=0)[:-9], "is cut short"),
        (b"\x1f\x8b" + b"\x01" * 40, "cannot be unpacked"),
        (gzip.compress(bytes(65_000_000), 1, mtime=0), "unpacks to more than 64,000,000 bytes"),
    ],
)
def test_a_file_that_is_not_idx_is_refused_with_the_reason(content: bytes, cause: str) -> None:
    with pytest.raises(ImageError, match=cause):
        idx("train", content)


def test_four_files_become_training_and_test_digits() -> None:
    read = mnist(files())
    assert isinstance(read, Digits)
    assert (len(read.train), len(read.test)) == (3, 2)


@pytest.mark.parametrize(
    ("place", "content", "cause"),
    [
        (1, written(np.zeros(4, np.uint8)), "3 training images but 4 labels"),
        (1, written(np.full(3, 10, np.uint8)), "training labels are not digits"),
        (2, written(np.zeros((2, 20, 28), np.uint8)), r"test images have the shape \(20, 28\)"),
        (3, b"junk", f"{FILES[3]} begins with 6a 75 6e 6b"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(place: int, content: bytes, cause: str) -> None:
    parts = files()
    parts[place] = content
    with pytest.raises(ImageError, match=cause):
        mnist(parts)


def test_three_files_are_not_mnist() -> None:
    with pytest.raises(ImageError, match="MNIST is 4 files"):
        mnist(files()[:3])
