"""Handwritten digits: those that come with the lab, and the whole of MNIST from its four files.

MNIST: LeCun, Cortes & Burges 1998. IDX is its file format: two zero bytes, 8 for uint8, the number of dimensions, each
dimension as a big-endian 32-bit number, then the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core.errors import ImageError
from core.system.unpacking import gunzip

SIDE = 28  # pixels
FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
LARGEST = 64_000_000  # bytes that one file may unpack to; the training images are 47 million
_DATA = Path(__file__).parents[1] / "data" / "digits"
_UINT8 = 8


@dataclass(frozen=True)
class Part:
    """Images of digits, white on black, and their labels: uint8 (N, 28, 28) and uint8 (N,)."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Digits:
    """Digits to learn from and digits to be tested on."""

    train: Part
    test: Part


def unzipped(name: str, content: bytes) -> bytes:
    """What a gzipped file holds, and any other file as it is; ImageError when it is damaged or far too large."""
    return gunzip(name, content, LARGEST, ImageError)


def idx(name: str, content: bytes) -> np.ndarray:
    """The uint8 array of an IDX file, gzipped or not; ImageError says in one sentence what is wrong with it."""
    content = unzipped(name, content)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UINT8:
        raise ImageError(
            f"{name} begins with {content[:4].hex(' ') or 'nothing'}, not with 00 00 08 as an IDX file of bytes does"
        )
    if not 1 <= content[3] <= 3:
        raise ImageError(f"{name} says it has {content[3]} dimensions; the digits of MNIST have 3, their labels 1")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise ImageError(f"{name} ends after {len(content)} bytes, within its header; get the file again")
    shape = tuple(np.frombuffer(content, ">u4", content[3], offset=4).tolist())
    expected = int(np.prod(shape, dtype=object))
    if len(content) - start != expected:
        raise ImageError(f"{name} says it holds {expected:,} values but holds {len(content) - start:,}; get the file again")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _part(name: str, images: np.ndarray, labels: np.ndarray) -> Part:
    if len(images) != len(labels):
        raise ImageError(f"there are {len(images):,} {name} images but {len(labels):,} labels; take both from one set")
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise ImageError(f"the {name} images have the shape {images.shape[1:]}; digits have {SIDE} × {SIDE} pixels")
    if labels.ndim != 1 or len(labels) == 0 or labels.max() > 9:
        raise ImageError(f"the {name} labels are not digits from 0 to 9; take the labels of MNIST")
    return Part(images, labels)


def mnist(files: list[bytes]) -> Digits:
    """Digits from the contents of the four files in the order of FILES, gzipped or not; ImageError says which file is wrong."""
    if len(files) != len(FILES):
        raise ImageError(f"MNIST is {len(FILES)} files ({', '.join(FILES)}); {len(files)} were given")
    images, labels, test_images, test_labels = (idx(name, content) for name, content in zip(FILES, files, strict=True))
    return Digits(_part("training", images, labels), _part("test", test_images, test_labels))


@cache
def shipped() -> Digits:
    """The digits that come with the lab: the first 5,000 training and the first 1,000 test digits of MNIST."""
    return mnist([(_DATA / f"{name}.gz").read_bytes() for name in FILES])
