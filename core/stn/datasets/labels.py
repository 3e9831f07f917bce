"""What can be learned of labelled pictures, and pictures of any size as squares of one size.

Classification needs two classes or more with two pictures or more each, so that some can be learned from and others be kept for
the test. What cannot be learned is refused here in one sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from core.errors import ImageError, InvalidRequest
from core.stn.datasets.decoding.entries import Entries
from core.stn.datasets.decoding.uploads import MOST_PICTURES
from core.stn.datasets.images import FORMATS_IN_WORDS, is_flat
from core.system.files import files_below, read_file


def read_folder(folder: Path) -> tuple[list[tuple[str, bytes]], list[str]]:
    """The pictures below a folder as (path inside it, content), and in sentences what is left out; without hidden files.

    ImageError where there are none, or too many.
    """
    entries = Entries(str(folder))
    paths = [path for path in files_below(folder, ImageError) if entries.is_picture(PurePosixPath(path.relative_to(folder)))]
    if not paths:
        raise ImageError(
            f"{folder} holds no pictures; put {FORMATS_IN_WORDS} files into it, to tell classes apart into one sub-folder "
            "a class"
        )
    if len(paths) > MOST_PICTURES:
        raise ImageError(f"{folder} holds {len(paths):,} pictures, more than {MOST_PICTURES:,}; choose fewer")
    files, left_out = [], entries.left_out
    for path in paths:
        try:
            files.append((path.relative_to(folder).as_posix(), read_file(path, error=ImageError)))
        except ImageError as error:
            left_out.append(str(error))
    return files, left_out


def _pictures(count: int) -> str:
    return "1 picture is" if count == 1 else f"{count:,} pictures are"


def check_labels(labels: Sequence[str]) -> None:
    """InvalidRequest for too few or too many pictures, for one class only, and for a class with one picture."""
    counts = _counted(labels)
    single = [label for label, count in counts.items() if count == 1]
    if single:
        raise InvalidRequest(f"there is one picture of {_named(single)}; two are the least, one to learn from and one to test")


def check_split(labels: Sequence[str], tested: Sequence[bool]) -> None:
    """InvalidRequest as of `check_labels`, for pictures that came with a part for the test."""
    _counted(labels)
    if len(labels) != len(tested):
        raise InvalidRequest(f"{len(labels)} pictures came with {len(tested)} parts of a split; give one for each")
    learned, test = (
        {label for label, is_tested in zip(labels, tested, strict=True) if is_tested == part} for part in (False, True)
    )
    if not test:
        raise InvalidRequest("no picture is for the test; put some into the folder that is called test")
    if len(learned) < 2:
        raise InvalidRequest(f"the pictures to learn from are of {len(learned)} class; give those of another class too")
    if unknown := sorted(test - learned):
        raise InvalidRequest(f"there are pictures of {_named(unknown)} for the test, none to learn from; put some into train")


def _named(labels: Sequence[str]) -> str:
    return " and ".join(map(repr, labels[:3])) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")


def _counted(labels: Sequence[str]) -> Counter[str]:
    """How many pictures there are of each class; InvalidRequest where these are too few or too many."""
    counts = Counter(labels)
    if not counts:
        raise InvalidRequest("there are no pictures; give at least two classes with two pictures each")
    if len(labels) == 1:
        raise InvalidRequest("there is one picture only; give at least two classes with two pictures each")
    if len(labels) > MOST_PICTURES:
        raise InvalidRequest(f"{len(labels):,} pictures are too many; choose at most {MOST_PICTURES:,}")
    if "" in counts:
        raise InvalidRequest(f"{_pictures(counts[''])} without a class; write the name of a class beside every picture")
    if len(counts) == 1:
        raise InvalidRequest(f"all {len(labels)} pictures are of the class {labels[0]!r}; give pictures of another class too")
    return counts


def check_pictures(pictures: Sequence[np.ndarray]) -> None:
    """InvalidRequest when all pictures (H, W, 3) are flat: there is nothing to tell classes apart by."""
    if all(map(is_flat, pictures)):
        raise InvalidRequest(f"all {len(pictures)} pictures are of one flat colour and show nothing; choose pictures that do")


def _number(part: str) -> tuple[int, int | str]:
    return (0, int(part)) if part.isdecimal() else (1, part.casefold())


def classes_of(labels: Sequence[str]) -> tuple[str, ...]:
    """The names of the classes, each once, numbers inside them in their order: "sign 2" before "sign 10"."""
    return tuple(sorted(set(labels), key=lambda label: ([_number(part) for part in re.split(r"(\d+)", label)], label)))


def _square(pixels: np.ndarray, side: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    short = min(height, width)
    left, top = (width - short) // 2, (height - short) // 2
    middle = Image.fromarray(pixels).crop((left, top, left + short, top + short))
    return np.asarray(middle.resize((side, side), Image.Resampling.LANCZOS))


def squares(pictures: Sequence[np.ndarray], side: int) -> np.ndarray:
    """Pictures (H, W, 3) as uint8 (N, C, side, side): their middle squares, made smaller without aliasing.

    Cropped and not padded, because the shape of the frame would give classes away. C is 1 where no picture has colour.
    """
    cut = np.stack([_square(pixels, side) for pixels in pictures])  # (N, side, side, 3)
    grey = all(
        np.array_equal(pixels[..., 0], pixels[..., 1]) and np.array_equal(pixels[..., 1], pixels[..., 2]) for pixels in cut
    )
    return np.ascontiguousarray((cut[..., :1] if grey else cut).transpose(0, 3, 1, 2))
