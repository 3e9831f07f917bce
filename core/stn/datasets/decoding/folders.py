"""Classes by folders: "cats/1.png", and data sets that are split already, "train/cats/1.png" beside "test/cats/2.png".

Folders around all classes do not count. Names that differ in spaces, in the case of their letters, or in how Unicode writes an
accent are one class.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from core.errors import ImageError
from core.stn.datasets.decoding.pages import is_one_of_many
from core.stn.datasets.images import Picture

LEARNED, VALID, TESTED = "to learn from", "valid", "for the test"
_PARTS = {  # by how the name of a folder begins
    "training": LEARNED, "train": LEARNED,
    "validation": VALID, "valid": VALID, "val": VALID, "dev": VALID,
    "testing": TESTED, "test": TESTED, "eval": TESTED,
}  # fmt: skip
_AFTER = re.compile(r"[ _-]*(?:set|data|split|images|imgs?|\d+)?[ _-]*\d*")  # what may follow: "test1", "train_set", "val2017"
Path = tuple[str, ...]


@dataclass(frozen=True)
class LabelledPicture:
    """A picture with the name of its class."""

    label: str
    picture: Picture
    tested: bool = False  # by a split that came with the pictures


@dataclass(frozen=True)
class LabelledPictures:
    """Pictures with their classes, and in sentences what was done to sort them."""

    pictures: list[LabelledPicture]
    notes: tuple[str, ...] = ()

    @property
    def split(self) -> bool:
        """Whether they came with a part for the test."""
        return any(one.tested for one in self.pictures)


def by_folder(pictures: Sequence[Picture]) -> LabelledPictures:
    """Label pictures by the folders in their names. ImageError where none lies in one."""
    paths = [PurePosixPath(picture.name.replace("\\", "/")).parts for picture in pictures]
    if not any(len(path) > 1 for path in paths):
        raise ImageError(
            f"{pictures[0].name if pictures else 'nothing'} lies in no folder; put every picture into a sub-folder that is "
            "named like its class"
        )
    around = _around([path for path in paths if len(path) > 1])
    inside = [path[around:] if len(path) > 1 else path for path in paths]
    level = _split_level([path for path in inside if len(path) > 1])
    labelled, strays = [], []
    for path, picture in zip(inside, pictures, strict=True):
        folders = [folder for number, folder in enumerate(path[:-1]) if number != level]
        if not folders:
            strays.append(picture.name)
            continue
        part = None if level is None else _part(path[level])
        if level is not None and part is None:
            strays.append(picture.name)
            continue
        labelled.append((part, LabelledPicture(folders[0].strip(), replace(picture, name="/".join(path)))))
    if not labelled:
        raise ImageError("the folders are the parts of a split and hold no folder a class; name one like each class in them")
    split, how = _split(labelled)
    merged, which = _merged(split)
    return LabelledPictures(merged, (*how, *which, *_left_out(strays, level), *_of_one_file(merged)))


def _around(paths: Sequence[Path]) -> int:
    """How many folders lie around all classes."""
    count = 0
    while all(len(path) > count + 2 for path in paths) and len({path[count] for path in paths}) == 1:
        count += 1
    return count


def _split_level(paths: Sequence[Path]) -> int | None:
    """At which level the folders are parts of a split: above the classes, or below each of them."""
    for level in (0, 1):
        if all(len(path) > level + 1 for path in paths):
            parts = {_part(path[level]) for path in paths}
            if len(parts - {None}) > 1 and (level == 0 or None not in parts):  # masks may lie beside the parts, not in classes
                return level
    return None


def _part(folder: str) -> str | None:
    """Which part of a split a folder of this name is; None for others."""
    name = _plain(folder)
    begins = next((begin for begin in _PARTS if name.startswith(begin)), "")
    return _PARTS[begins] if begins and _AFTER.fullmatch(name.removeprefix(begins)) else None


def _split(labelled: list[tuple[str | None, LabelledPicture]]) -> tuple[list[LabelledPicture], list[str]]:
    """Which pictures are for the test, and that in words. Without such a part, those for validation are."""
    parts = Counter(part for part, _ in labelled)
    if parts[None]:
        return [one for _, one in labelled], []
    test = TESTED if parts[TESTED] else VALID
    words = f"Split as the folders are: {parts.total() - parts[test]:,} pictures to learn from, {parts[test]:,} for the test."
    if test == TESTED and parts[VALID]:
        words += f" Nothing is chosen by validation here, so its {parts[VALID]:,} are learned from as well."
    return [replace(one, tested=part == test) for part, one in labelled], [words]


def _plain(name: str) -> str:
    """What names of one class have in common."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _merged(labelled: list[LabelledPicture]) -> tuple[list[LabelledPicture], list[str]]:
    """One name a class, the most frequent one; single letters differ by their case. Which they are, in words."""
    spellings: dict[str, Counter[str]] = {}
    for one in labelled:
        name = unicodedata.normalize("NFC", one.label)
        spellings.setdefault(_plain(name) if len(name) > 1 else name, Counter())[name] += 1
    name_of = {spelling: names.most_common(1)[0][0] for names in spellings.values() for spelling in names}
    several = [names for names in spellings.values() if len(names) > 1]
    words = [f"{' and '.join(map(repr, sorted(names)))} are one class, {names.most_common(1)[0][0]!r}." for names in several]
    return [replace(one, label=name_of[unicodedata.normalize("NFC", one.label)]) for one in labelled], words


def _left_out(strays: Sequence[str], level: int | None) -> list[str]:
    if not strays:
        return []
    more = f" and {len(strays) - 1:,} more lie" if len(strays) > 1 else " lies"
    where = "in the folder of no class, or beside the parts of the split," if level is not None else "in no folder"
    return [f"{strays[0]}{more} {where} and {'are' if len(strays) > 1 else 'is'} left out."]


def _of_one_file(labelled: Sequence[LabelledPicture]) -> list[str]:
    """A caution where pictures are pages or frames of one file: alike, and yet learned from and tested."""
    if not any(is_one_of_many(one.picture.name) for one in labelled):
        return []
    return ["Pages and frames of one file may be learned from and tested: where they are alike, the error is too low."]


def without_copies(labelled: Sequence[LabelledPicture]) -> list[LabelledPicture]:
    """The first of exact copies inside a class: a copy of what was learned would be no test."""
    kept: dict[tuple[str, tuple[int, ...], bytes], LabelledPicture] = {}
    for one in labelled:
        kept.setdefault((one.label, one.picture.pixels.shape, one.picture.pixels.tobytes()), one)
    return list(kept.values())
