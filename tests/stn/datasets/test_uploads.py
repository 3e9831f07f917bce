"""Uploads are counted by their headers before the first is decoded, and read in a process of their own."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.stn.datasets import images
from core.stn.datasets.decoding import uploads
from core.stn.datasets.decoding.uploads import Upload, read_bounded, read_uploads, steps
from tests.stn.datasets.test_images import SRGB, encode, picture, zipped


def test_a_process_of_its_own_reads_what_this_one_reads() -> None:
    half = picture().convert("RGBA")
    half.putalpha(half.getchannel("R"))
    white = np.full((30, 40, 4), 255, np.uint8)
    white[:, 20:, 3] = 0
    deep = encode(picture().convert("I;16"), "PNG")
    files = [
        ("set.zip", zipped(**{"a/b.png": encode(picture(), "PNG", icc_profile=SRGB)})),
        ("half.png", encode(half, "PNG")),
        ("white.png", encode(Image.fromarray(white), "PNG")),
        ("deep.png", deep),
    ]
    for longest in (None, 20):
        for here, there in zip(read_uploads(files, longest).pictures, read_bounded(files, longest).pictures, strict=True):
            assert (here.name, here.profile, here.beyond_pixels) == (there.name, there.profile, there.beyond_pixels)
            assert np.array_equal(here.pixels, there.pixels)
            assert (here.transparent is None) == (there.transparent is None)
            assert here.transparent is None or np.array_equal(here.transparent, there.transparent)


def test_it_is_said_onto_which_colour_a_transparent_picture_was_laid() -> None:
    for level, ground in ((0, "white"), (255, "black")):
        pixels = np.full((30, 40, 4), level, np.uint8)
        pixels[:, 20:, 3] = 0
        [read] = read_bounded([("a.png", encode(Image.fromarray(pixels), "PNG"))]).pictures
        assert read.beyond_pixels == (f"transparency (laid onto {ground})",)
        assert (read.pixels[0, -1] == (255 if ground == "white" else 0)).all()


def test_a_refusal_is_the_same_in_a_process_of_its_own() -> None:
    files = [("x.png", encode(picture(400, 300), "PNG")[:-200])]
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
    assert len(read_bounded(files).pictures) == 10
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
    monkeypatch.setattr(images.Undecoded, "decoded", lambda *_: pytest.fail("decoded"))
    blank = encode(picture(1000, 1000), form)
    with pytest.raises(ImageError, match=r"^set\.zip brings more than 2 million pixels in all; upload fewer"):
        read_uploads([("set.zip", zipped(**{f"{number}.{form.lower()}": blank for number in range(3)}))])
    with pytest.raises(ImageError, match=r"^2 brings more than 2 million pixels in all"):
        read_uploads([(str(number), blank) for number in range(3)])


def test_photos_whose_format_can_be_decoded_small_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_DECODED", 2_500_000)
    photo = encode(picture(1600, 1600), "JPEG")
    assert len(read_uploads([(str(number), photo) for number in range(4)], longest=100).pictures) == 4


BROKEN = encode(picture(400, 300), "PNG")[:-200]


@pytest.mark.parametrize("read", [read_uploads, read_bounded])
def test_the_good_ones_are_used_and_the_bad_ones_are_listed_once_with_their_reasons(read: Callable[..., Upload]) -> None:
    good, inner = encode(picture(), "PNG"), zipped(**{"deep.png": encode(picture(), "PNG")})
    in_zip = {
        "cat/2.png": good,
        "cat/cut.png": BROKEN,
        "more.zip": inner,
        "notes.txt": b"hi",
        "label.json": b"{}",
        "read.txt": b"",
    }
    hidden = {"__MACOSX/cat/._2.png": b"junk", "cat/Thumbs.db": b"junk", "cat/.DS_Store": b"junk", "cat/desktop.ini": b"junk"}
    files = [
        ("1.png", good), ("cut.png", BROKEN), ("text.png", b"hello"), ("ribbon.png", encode(picture(800, 15), "PNG")),
        ("set.zip", zipped(**in_zip, **hidden)), ("bad.zip", b"PK\x03\x04 nonsense"), ("3.png", good),
    ]  # fmt: skip
    upload = read(files)
    assert [one.name for one in upload.pictures] == ["1.png", "cat/2.png", "3.png"]
    causes = [
        "cut.png is damaged or cut short", "text.png is not a picture", "ribbon.png is 800 x 15 pixels, too long and narrow",
        "cat/cut.png is damaged", "more.zip in set.zip is packed once more",
        "set.zip holds 3 files that are no pictures (2 .txt, 1 .json)", "bad.zip cannot be unpacked",
    ]  # fmt: skip
    assert len(upload.left_out) == len(causes)
    assert all(sentence.startswith(cause) for sentence, cause in zip(upload.left_out, causes, strict=True))


def test_where_none_is_good_all_reasons_are_the_error() -> None:
    with pytest.raises(ImageError, match=r"^cut\.png is damaged .*\. text\.png is not a picture"):
        read_uploads([("cut.png", BROKEN), ("text.png", b"hello")])


def test_a_damaged_file_in_a_zip_is_left_out_alone() -> None:
    content = zipped(**{"a.png": encode(picture(), "PNG"), "b.png": encode(picture(41, 30), "PNG")})
    at = content.index(b"a.png") + 40
    upload = read_uploads([("set.zip", content[:at] + bytes(8) + content[at + 8 :])])
    assert [one.name for one in upload.pictures] == ["b.png"]
    assert upload.left_out[0].startswith("a.png in set.zip is damaged (")


@pytest.mark.parametrize("longest", [384, 1024, 2048])
@pytest.mark.parametrize("size", [(800, 15), (20_000, 10)])
def test_ribbons_are_refused_at_the_door_by_their_own_name_or_keep_enough(size: tuple[int, int], longest: int) -> None:
    content = encode(picture(*size), "PNG")
    if size[1] * min(1, longest / size[0]) < 7.5:
        with pytest.raises(ImageError, match=rf"^fence\.png is {size[0]:,} x {size[1]} pixels, too long and narrow"):
            read_uploads([("fence.png", content)], longest)
    else:
        assert min(read_uploads([("fence.png", content)], longest).pictures[0].pixels.shape[:2]) >= 8


def test_names_in_a_zip_are_read_as_their_packers_wrote_them() -> None:
    class Unflagged(zipfile.ZipInfo):
        """As many packers write: UTF-8 without the flag that says so."""

        def _encodeFilenameFlags(self) -> tuple[bytes, int]:
            return self.filename.encode(self.encoding), 0

    buffer, png = io.BytesIO(), encode(picture(), "PNG")
    names = {"Übung/été.png": "utf-8", unicodedata.normalize("NFD", "Übung/naïf.png"): "utf-8", "Übung/ñ.png": "cp437"}
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, encoding in names.items():
            entry = Unflagged(name)
            entry.encoding = encoding
            archive.writestr(entry, png)
    upload = read_uploads([("set.zip", buffer.getvalue())])
    assert [one.name for one in upload.pictures] == ["Übung/été.png", "Übung/naïf.png", "Übung/ñ.png"]
