"""What the user guide says of pictures and folders is so: each file that its tables name is made here, and read."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.errors import ImageError
from core.stn.datasets.decoding.folders import by_folder
from core.stn.datasets.decoding.uploads import read_bounded
from core.stn.datasets.images import Picture
from tests.stn.datasets.decoding.test_colours import display_p3
from tests.stn.datasets.decoding.test_levels import tiff, twelve_bits
from tests.stn.datasets.test_images import encode, huge_png, picture, zipped

GUIDE = (Path(__file__).parents[4] / "docs" / "USER_GUIDE.md").read_text(encoding="utf-8")
RED, BLUE = (Image.new("RGB", (40, 30), colour) for colour in ("red", "blue"))
RAMP = np.tile(np.linspace(0, 1, 41), (30, 1))  # its middle is a half
HALF = np.full((30, 40), 128 / 255)
PNG = encode(RED, "PNG")


def turned() -> bytes:
    """Red on top, blue below, held upright."""
    upright, exif = RED.copy(), Image.Exif()
    upright.paste("blue", (0, 20, 40, 30))
    exif[0x0112] = 6
    return encode(upright.rotate(90, expand=True), "JPEG", exif=exif, quality=100, subsampling=0)


def thumbnail_first() -> bytes:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(np.asarray(RED), photometric="rgb", subfiletype=1)
        writer.write(np.asarray(BLUE.resize((400, 300))), photometric="rgb")
    return buffer.getvalue()


def floats() -> bytes:
    values = np.repeat(np.repeat(HALF, 2, axis=0)[..., None], 3, axis=2)
    values[5, 5] = 40.0
    return tiff(values)


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.png"))
    return buffer.getvalue()


def locked() -> bytes:
    content = bytearray(zipped(**{"a.png": PNG}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


MAKERS: dict[str, Callable[[], bytes]] = {
    **{
        f"red.{suffix}": lambda form=form: encode(RED, form, quality=100)
        for suffix, form in [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP"), ("gif", "GIF"), ("bmp", "BMP"), ("tif", "TIFF"),
                             ("heic", "HEIF"), ("avif", "AVIF")]
    },
    "heic-called.jpg": lambda: encode(RED, "HEIF", quality=100),
    "transparent.png": lambda: encode(Image.new("RGBA", (40, 30)), "PNG"),
    "upright.jpg": turned,
    "display-p3.png": lambda: encode(Image.new("RGB", (40, 30), (200, 120, 90)), "PNG", icc_profile=display_p3()),
    "half-of-16-bits.png": lambda: encode(Image.fromarray((HALF * 65535).astype(np.uint16)), "PNG"),
    "half-of-12-bits.tif": lambda: twelve_bits(HALF * 4095),
    "half-of-floats.tif": floats,
    "half-of-32-bits.tif": lambda: tiff((RAMP * (2**32 - 1)).astype(np.uint32)),
    "dark.png": lambda: encode(Image.fromarray((HALF * 4095).astype(np.uint16)), "PNG"),
    "pages.tif": lambda: encode(RED, "TIFF", save_all=True, append_images=[BLUE]),
    "frames.gif": lambda: encode(RED, "GIF", save_all=True, append_images=[BLUE]),
    "thumbnail-first.tif": thumbnail_first,
    "set.zip": lambda: zipped(**{"cat/1.png": PNG, "__MACOSX/cat/._1.png": b"junk", "cat/Thumbs.db": b"junk"}),
    "accents.zip": lambda: zipped(**{"e\u0301te\u0301/1.png": PNG}),
    "text.png": lambda: b"hello",
    "cut.png": lambda: encode(picture(400, 300), "PNG")[:-200],
    "huge.png": lambda: huge_png(10_000),
    "tiny.png": lambda: encode(picture(7, 7), "PNG"),
    "ribbon.png": lambda: encode(picture(800, 15), "PNG"),
    "set.tar": tar,
    "locked.zip": locked,
    "damaged.zip": lambda: b"PK\x03\x04 nonsense",
    "notes.zip": lambda: zipped(**{"notes.txt": b"hi"}),
    "nested.zip": lambda: zipped(**{"inner.zip": zipped(**{"a.png": PNG})}),
}  # fmt: skip


def rows(heading: str) -> list[tuple[str, str]]:
    """The last two cells of each row of the table of pictures with this heading."""
    section = GUIDE[GUIDE.index("### Pictures and folders") : GUIDE.index("## The health line\n")]
    table = section[section.index(f"| {heading} |") :].split("\n\n")[0]
    cells = [line.strip("|").split(" | ") for line in table.splitlines()[2:]]
    return [(row[1].strip().strip("`"), row[2].strip()) for row in cells]


READ = [(name, answer) for names, answer in rows("what is read") for name in names.split()]


@pytest.mark.parametrize(("name", "answer"), READ, ids=[name for name, _ in READ])
def test_what_the_guide_says_is_read(name: str, answer: str) -> None:
    upload = read_bounded([(name, MAKERS[name]())], every=True)
    expected = re.fullmatch(r"`([^`]+)`(?: each)?", answer)
    assert expected
    wanted = expected[1].split(" / ")
    assert len(upload.pictures) == len(wanted)
    for read, one in zip(upload.pictures, wanted, strict=True):
        *file, red, green, blue = one.rsplit(" ", 3)
        height, width = read.pixels.shape[:2]
        assert read.name == ("".join(file) or name)
        assert np.abs(read.pixels[height // 2, width // 2] - np.array([red, green, blue], int)).max() <= 2
    assert upload.left_out == ()
    assert bool(upload.dark) == (name == "dark.png")


FOLDERS = rows("folders of classes")


@pytest.mark.parametrize(("files", "answer"), FOLDERS)
def test_what_the_guide_says_folders_become(files: str, answer: str) -> None:
    names = re.findall(r"\S.*?\.png", files)
    given = by_folder([Picture(name, np.zeros((9, 9, 3), np.uint8)) for name in names]).pictures
    assert " ".join(f"{one.label}{':test' if one.tested else ''}" for one in given) == answer.strip("`")


REFUSED = rows("what is refused, or left out of many")


@pytest.mark.parametrize(("name", "reason"), REFUSED, ids=[name for name, _ in REFUSED])
def test_what_the_guide_says_is_refused(name: str, reason: str) -> None:
    files = [(name, MAKERS[name]())]
    with pytest.raises(ImageError, match=reason):
        read_bounded(files)
    among = read_bounded([*files, ("red.png", PNG)])
    assert [one.name for one in among.pictures] == ["red.png"]
    assert reason in among.left_out[0]


def test_no_file_is_made_for_nothing() -> None:
    assert MAKERS.keys() == {name for name, _ in READ} | {name for name, _ in REFUSED}
