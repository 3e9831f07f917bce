"""Pages and frames: which of the pictures in one file are meant."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from PIL import Image

FORMATS_OF_MANY = {"TIFF": "page", "GIF": "frame", "PNG": "frame", "WEBP": "frame", "AVIF": "frame"}  # what one is called
THUMBNAIL = 320  # pixels: a first page no larger, of which a later one has four times the area, is a thumbnail
SUBFILE_TYPE = 254  # TIFF tag
_ONE_OF_MANY = re.compile(r" \((?:page|frame) \d+\)(?:\.\w+)?$")
_NO_PAGE = 0b101  # of its bits: made smaller from another page, the mask of another page


def pages_of(image: Image.Image) -> list[int]:
    """The numbers, from 0, of the pages of a picture that is opened: without thumbnails and masks. One where it has no others.

    Of a JPEG or HEIC with several pictures it is the one that the file says: the others are views for two eyes or for
    brighter screens.
    """
    count = getattr(image, "n_frames", 1)
    if image.format == "TIFF":
        return _of_tiff(image, count)
    if image.format not in FORMATS_OF_MANY or count == 1:
        return [image.tell()]
    has_preview = image.format == "PNG" and getattr(image, "default_image", False)  # for readers that know no frames
    return list(range(int(has_preview), count))


def _of_tiff(image: Image.Image, count: int) -> list[int]:
    areas = {}
    for number in range(count):
        image.seek(number)
        if not image.tag_v2.get(SUBFILE_TYPE, 0) & _NO_PAGE:  # type: ignore[attr-defined]
            areas[number] = image.width * image.height, max(image.size)
    if not areas:
        raise ValueError("it holds previews of a camera's raw picture alone; export it as JPEG or TIFF")
    pages = list(areas)
    area, longest = areas.get(pages[0], (0, 0))
    if longest <= THUMBNAIL and any(4 * area <= other for other, _ in areas.values()):
        pages = pages[1:]
    return pages


def page_name(name: str, form: str, number: int) -> str:
    """The name of one of several: "scan (page 3).tif"; numbers from 0."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem} ({FORMATS_OF_MANY[form]} {number + 1}){path.suffix}"))


def is_one_of_many(name: str) -> bool:
    """Whether a name is one that `page_name` gives."""
    return bool(_ONE_OF_MANY.search(PurePosixPath(name).name))
