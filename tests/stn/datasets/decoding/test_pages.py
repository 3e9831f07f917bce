"""Pages and frames are pictures where many are wanted; elsewhere the first is the picture, and that is said."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.errors import ImageError
from core.stn.datasets.decoding.uploads import Upload, read_bounded, read_uploads
from tests.stn.datasets.test_images import encode

COLOURS = ["red", "lime", "blue"]
SEEN = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]


def many(form: str, size: tuple[int, int] = (16, 12), **options: object) -> bytes:
    first, *others = (Image.new("RGB", size, colour) for colour in COLOURS)
    return encode(first, form, save_all=True, append_images=others, **options)


def colours(upload: Upload) -> list[tuple[int, ...]]:
    return [tuple(picture.pixels[3, 4].tolist()) for picture in upload.pictures]


@pytest.mark.parametrize(
    ("form", "options", "word"),
    [("TIFF", {}, "page"), ("GIF", {}, "frame"), ("PNG", {}, "frame"), ("WEBP", {"lossless": True}, "frame")],
)
def test_every_page_is_a_picture_with_a_name_of_its_own(form: str, options: dict[str, object], word: str) -> None:
    content = many(form, **options)
    upload = read_bounded([("a/scan.x", content)], every=True)
    assert [picture.name for picture in upload.pictures] == [f"a/scan ({word} {number}).x" for number in (1, 2, 3)]
    assert colours(upload) == SEEN
    first = read_uploads([("scan.x", content)])
    assert (colours(first), first.pictures[0].name) == (SEEN[:1], "scan.x")
    assert first.pictures[0].dropped == (f"all {word}s but the first",)
    assert first.first_pages == "of scan.x the first page alone is used"


@pytest.mark.parametrize("marked", [True, False])
def test_a_thumbnail_is_no_page(marked: bool) -> None:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as tiff:
        tiff.write(np.zeros((30, 40, 3), np.uint8), photometric="rgb", subfiletype=int(marked))
        tiff.write(np.full((300, 400, 3), 200, np.uint8), photometric="rgb", metadata=None)
    for every in (True, False):
        (picture,) = read_uploads([("a.tif", buffer.getvalue())], every=every).pictures
        assert (picture.name, picture.pixels.shape, picture.pixels.mean(), picture.dropped) == ("a.tif", (288, 384, 3), 200, ())


def test_the_preview_of_an_apng_is_no_frame() -> None:
    content = many("PNG", default_image=True)
    assert colours(read_uploads([("a.png", content)], every=True)) == SEEN[1:]
    assert colours(read_uploads([("a.png", content)])) == SEEN[1:2]


def test_the_second_picture_of_a_photo_is_no_page() -> None:
    (photo,) = read_uploads([("a.jpg", many("MPO", quality=95))], every=True).pictures
    assert (photo.name, photo.dropped) == ("a.jpg", ())


def test_a_page_that_is_too_small_is_named_and_the_others_are_used() -> None:
    pages = [Image.new("RGB", (width, 20), colour) for width, colour in zip((20, 4, 20), COLOURS, strict=True)]
    upload = read_uploads([("a.tif", encode(pages[0], "TIFF", save_all=True, append_images=pages[1:]))], every=True)
    assert colours(upload) == [SEEN[0], SEEN[2]]
    assert [sentence.split(";")[0] for sentence in upload.left_out] == ["a (page 2).tif is 4 x 20 pixels"]


def test_a_frame_that_is_larger_than_the_first_is_refused_by_its_own_size() -> None:
    content = bytearray(many("GIF"))
    second = content.index(b"\x2c", content.index(b"\x2c") + 20)  # the head of the second frame: left, top, width, height
    for width, said in ((9_000, "9,000 x 12 pixels"), (65_000, "damaged")):
        content[second + 5 : second + 7] = width.to_bytes(2, "little")
        content[second + 7 : second + 9] = (65_000 if width > 60_000 else 12).to_bytes(2, "little")
        upload = read_uploads([("a.gif", bytes(content))], every=True)
        assert colours(upload)[:1] == SEEN[:1]
        assert said in upload.left_out[0]


def test_a_raw_picture_that_shows_its_preview_alone_is_refused_by_what_it_is() -> None:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.zeros((30, 40, 3), np.uint8), photometric="rgb", subfiletype=1)
    with pytest.raises(ImageError, match="previews of a camera's raw picture alone; export it as JPEG or TIFF"):
        read_uploads([("a.dng", buffer.getvalue())])
