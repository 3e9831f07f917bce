"""Uploads are counted by their headers before the first is decoded, and read in a process of their own."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ImageError
from core.stn.datasets import images
from core.stn.datasets.decoding import uploads
from core.stn.datasets.decoding.uploads import read_bounded, read_uploads, steps
from tests.stn.datasets.test_images import SRGB, encode, picture, zipped


def test_a_process_of_its_own_reads_what_this_one_reads() -> None:
    half = picture().convert("RGBA")
    half.putalpha(half.getchannel("R"))
    deep = encode(picture().convert("I;16"), "PNG")
    files = [
        ("set.zip", zipped(**{"a/b.png": encode(picture(), "PNG", icc_profile=SRGB)})),
        ("half.png", encode(half, "PNG")),
        ("deep.png", deep),
    ]
    for longest in (None, 20):
        for here, there in zip(read_uploads(files, longest), read_bounded(files, longest), strict=True):
            assert (here.name, here.profile, here.dropped) == (there.name, there.profile, there.dropped)
            assert np.array_equal(here.pixels, there.pixels)
            assert (here.transparent is None) == (there.transparent is None)
            assert here.transparent is None or np.array_equal(here.transparent, there.transparent)


def test_a_refusal_is_the_same_in_a_process_of_its_own() -> None:
    files = [("a.png", encode(picture(), "PNG")), ("x.png", encode(picture(400, 300), "PNG")[:-200])]
    with pytest.raises(ImageError) as here:
        read_uploads(files)
    with pytest.raises(ImageError, match=r"^x\.png is damaged") as there:
        read_bounded(files)
    assert str(here.value) == str(there.value)


def test_a_jpeg_needs_the_memory_of_the_pixels_that_are_decoded() -> None:
    files = [(form, encode(picture(1600, 800), form)) for form in ("JPEG", "PNG")]
    needs = [step / images.BYTES_A_PIXEL for step in steps(files, 100) if isinstance(step, int)]
    assert needs == [400 * 200, 1600 * 800]


@pytest.mark.parametrize("as_zip", [True, False])
def test_reading_ends_with_its_visitor(as_zip: bool) -> None:
    content = {f"{number}.png": encode(picture(), "PNG") for number in range(10)}
    files = [("set.zip", zipped(**content))] if as_zip else [*content.items()]
    assert len(read_bounded(files)) == 10
    asked: list[bool] = []

    def wanted() -> bool:
        asked.append(True)
        return len(asked) <= 3

    with pytest.raises(ImageError, match="nobody waits"):
        read_bounded(files, wanted=wanted)
    assert len(asked) == 4


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_pictures_that_are_small_files_of_many_pixels_are_refused_together(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_DECODED", 2_500_000)
    monkeypatch.setattr(images, "_decoded", lambda *_: pytest.fail("decoded"))
    blank = encode(picture(1000, 1000), form)
    with pytest.raises(ImageError, match=r"^set\.zip brings more than 2 million pixels in all; upload fewer"):
        read_uploads([("set.zip", zipped(**{f"{number}.{form.lower()}": blank for number in range(3)}))])
    with pytest.raises(ImageError, match=r"^2 brings more than 2 million pixels in all"):
        read_uploads([(str(number), blank) for number in range(3)])


def test_photos_whose_format_can_be_decoded_small_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_DECODED", 2_500_000)
    photo = encode(picture(1600, 1600), "JPEG")
    assert len(read_uploads([(str(number), photo) for number in range(4)], longest=100)) == 4
