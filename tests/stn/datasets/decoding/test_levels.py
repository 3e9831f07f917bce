"""Pictures of more than 8 bits a level come out as bright as they are."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.stn.datasets.decoding.uploads import read_uploads
from core.stn.datasets.images import Picture, read_image
from tests.stn.datasets.test_images import encode

RAMP = np.tile(np.linspace(0, 1, 64), (40, 1))
COLOUR = np.stack([RAMP, RAMP[:, ::-1], np.full_like(RAMP, 0.5)], axis=2)


def tiff(values: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, photometric="rgb" if values.ndim == 3 else "minisblack", **options)
    return buffer.getvalue()


def close(picture: Picture, expected: np.ndarray) -> bool:
    """Whether it is `expected`, 0 to 1, to a level of 255."""
    expected = expected if expected.ndim == 3 else expected[..., None]
    return bool(np.abs(picture.pixels - 255 * expected).max() <= 1)


def twelve_bits(values: np.ndarray) -> bytes:
    """A TIFF of 12 bits a level, two levels in three bytes."""
    first, second = values[:, ::2].astype(int), values[:, 1::2].astype(int)
    packed = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=2).astype(np.uint8).tobytes()
    height, width = values.shape
    tags = [(256, 3, width), (257, 3, height), (258, 3, 12), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1)]
    tags += [(278, 3, height), (279, 4, len(packed))]
    table = b"".join(struct.pack("<HHIHH" if kind == 3 else "<HHII", tag, kind, 1, *([value, 0] if kind == 3 else [value]))
                     for tag, kind, value in tags)  # fmt: skip
    return b"II*\0" + struct.pack("<I", 8 + len(packed)) + packed + struct.pack("<H", len(tags)) + table + bytes(4)


@pytest.mark.parametrize(
    "content",
    [
        twelve_bits(RAMP * 4095),
        tiff((RAMP * 4095).astype(np.uint16), extratags=[(281, 3, 1, 4095, True)]),  # MaxSampleValue
    ],
)
def test_bits_that_the_file_states_are_believed(content: bytes) -> None:
    picture = read_image("a.tif", content)
    assert close(picture, RAMP)
    assert not picture.dark


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_twelve_bits_in_sixteen_are_said_and_brightened_when_asked(form: str) -> None:
    files = [("a.png", encode(Image.fromarray((RAMP * 4095).astype(np.uint16)), form))]
    upload = read_uploads(files)
    assert close(upload.pictures[0], RAMP / 16)
    assert upload.dark.startswith("a.png uses less than an eighth of the levels of the file, as of 12 bits in 16")
    assert close(read_uploads(files, brighten=True).pictures[0], RAMP)


def test_what_uses_its_levels_is_not_brightened() -> None:
    files = [("a.png", encode(Image.fromarray((RAMP * 30_000).astype(np.uint16)), "PNG"))]
    plain, bright = (read_uploads(files, brighten=brighten) for brighten in (False, True))
    assert plain.dark == bright.dark == ""
    assert np.array_equal(plain.pictures[0].pixels, bright.pictures[0].pixels)


@pytest.mark.parametrize("values", [RAMP, COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_floating_point_numbers_are_read_also_where_a_few_overshoot(values: np.ndarray, kind: type) -> None:
    assert close(read_image("a.tif", tiff(values.astype(kind))), values)
    broken = values.astype(kind)
    broken[5, 5], broken[6, 6], broken[7, 7] = np.inf, 40.0, np.nan
    pixels = read_image("a.tif", tiff(broken)).pixels
    assert (pixels[5, 5] == 255).all()
    assert (pixels[6, 6] == 255).all()
    assert (pixels[7, 7] == 0).all()
    assert np.abs(pixels[10:] - 255 * (values if values.ndim == 3 else values[..., None])[10:]).max() <= 1


def test_whole_numbers_of_32_bits_do_not_wrap() -> None:
    top = 2**32 - 1
    picture = read_image("a.tif", tiff((RAMP * top).astype(np.uint32)))
    assert close(picture, RAMP)
    assert close(read_image("a.tif", tiff((COLOUR * top).astype(np.uint32))), COLOUR)


def png_of_16_bits(values: np.ndarray) -> bytes:
    """Colours of 16 bits, which Pillow does not write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join([chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")])


@pytest.mark.parametrize("encoded", [png_of_16_bits, lambda values: tiff(values.astype(np.uint16))], ids=["PNG", "TIFF"])
def test_colours_of_twelve_bits_in_sixteen_are_said_and_brightened_to_the_levels_that_are_read(
    encoded: Callable[[np.ndarray], bytes],
) -> None:
    files = [("a.x", encoded(COLOUR * 4095))]
    upload = read_uploads(files)
    assert upload.dark
    assert np.abs(upload.pictures[0].pixels - 255 * COLOUR / 16).max() <= 1
    bright = read_uploads(files, brighten=True).pictures[0].pixels
    assert np.abs(bright - 255 * COLOUR).max() <= 18  # of the upper 8 bits 16 levels are left
    assert not read_uploads([("a.x", encoded(COLOUR * 65535))]).dark
