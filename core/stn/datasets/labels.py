"""Labelled uploads: one sub-folder a class, or a name per picture; and pictures of any size as squares of one size.

Classification needs two classes or more with two pictures or more each, so that some can be learned from and others be kept for
the test. What cannot be learned is refused here in one sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from core.errors import ImageError, InvalidRequest
from core.stn.datasets.decoding.uploads import MOST_PICTURES
from core.stn.datasets.images import SUFFIXES, Picture, is_flat
from core.system.files import files_below, read_file


@dataclass(frozen=True)
class LabelledPicture:
    """A picture with the name of its class."""

    label: str
    picture: Picture


def by_folder(pictures: Sequence[Picture]) -> list[LabelledPicture]:
    """Label pictures by the folder in their name, "cats/1.png"; one folder around all classes does not count as a class.

    ImageError for a picture that lies in no folder.
    """
    paths = [PurePosixPath(picture.name.replace("\\", "/")).parts for picture in pictures]
    skipped = 1 if paths and all(len(path) > 2 for path in paths) and len({path[0] for path in paths}) == 1 else 0
    labelled = []
    for path, picture in zip(paths, pictures, strict=True):
        if len(path) < 2:
            raise ImageError(
                f"{picture.name} lies in no folder; put every picture into a sub-folder that is named like its class"
            )
        labelled.append(LabelledPicture(path[skipped], Picture("/".join(path[skipped:]), picture.pixels)))
    return labelled


def without_copies(labelled: Sequence[LabelledPicture]) -> list[LabelledPicture]:
    """The first of exact copies inside a class: a copy of what was learned would be no test."""
    kept: dict[tuple[str, tuple[int, ...], bytes], LabelledPicture] = {}
    for one in labelled:
        kept.setdefault((one.label, one.picture.pixels.shape, one.picture.pixels.tobytes()), one)
    return list(kept.values())


def _shown(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def read_folder(folder: Path) -> list[tuple[str, bytes]]:
    """The pictures below a folder as (path inside it, content), without hidden ones; ImageError for none or too many."""
    paths = [path for path in files_below(folder, ImageError) if _shown(path.relative_to(folder))]
    if not paths:
        raise ImageError(
            f"{folder} holds no pictures; put PNG, JPEG, WebP, GIF, BMP or TIFF files into it, to tell classes apart "
            "into one sub-folder a class"
        )
    if len(paths) > MOST_PICTURES:
        raise ImageError(f"{folder} holds {len(paths):,} pictures, more than {MOST_PICTURES:,}; choose fewer")
    return [(path.relative_to(folder).as_posix(), read_file(path, error=ImageError)) for path in paths]


def _pictures(count: int) -> str:
    return "1 picture is" if count == 1 else f"{count:,} pictures are"


def check_labels(labels: Sequence[str]) -> None:
    """InvalidRequest for too few or too many pictures, for one class only, and for a class with one picture."""
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
    single = [label for label, count in counts.items() if count == 1]
    if single:
        named = " and ".join(map(repr, single[:3])) + (f" and {len(single) - 3} more" if len(single) > 3 else "")
        raise InvalidRequest(f"there is one picture of {named}; two are the least, one to learn from and one to test")


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
