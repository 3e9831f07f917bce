"""Colours of other screens than ours are turned into sRGB."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from core.stn.datasets.decoding.uploads import read_bounded, read_uploads
from core.stn.datasets.images import read_image
from tests.stn.datasets.test_images import SRGB, encode, picture

P3_TO_XYZ = np.array([[0.5151, 0.2920, 0.1571], [0.2412, 0.6922, 0.0666], [-0.0011, 0.0419, 0.7841]])  # by its columns, to D50
SRGB_TO_XYZ = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
GAMMA = 2.2


def display_p3() -> bytes:
    """A profile with the primaries of Display P3 and a gamma of 2.2."""

    def xyz(values: np.ndarray) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * value) for value in values))

    name = b"Display P3\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(4 + 4 + 2 + 1 + 67)
    tags = {b"desc": description, b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz(np.array([0.9642, 1, 0.8249]))}
    for column, letter in enumerate(b"rgb"):
        tags[bytes([letter]) + b"XYZ"] = xyz(P3_TO_XYZ[:, column])
        tags[bytes([letter]) + b"TRC"] = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * GAMMA))
    table, data, at = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        content += bytes(-len(content) % 4)
        table += tag + struct.pack(">II", at + len(data), len(content))
        data += content
    header = struct.pack(">I4sI4s4s4s", at + len(data), b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ") + bytes(12) + b"acsp"
    header = header.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


def in_srgb(colour: tuple[int, int, int]) -> np.ndarray:
    """By the matrices of both, without a library."""
    linear = np.linalg.solve(SRGB_TO_XYZ, P3_TO_XYZ @ (np.array(colour) / 255) ** GAMMA).clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("colour", [(200, 120, 90), (60, 160, 80), (255, 0, 0)])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_display_p3_becomes_srgb(colour: tuple[int, int, int], form: str) -> None:
    content = encode(Image.new("RGB", (32, 32), colour), form, icc_profile=display_p3(), quality=100)
    read = read_image("a", content)
    assert np.abs(read.pixels[10, 10] - in_srgb(colour)).max() < 4  # JPEG loses a little
    assert (read.profile, read.dropped) == (b"", ())
    full = read_image("a", content, longest=None)  # for a file of its own: with its colours and their profile
    assert np.abs(full.pixels[10, 10].astype(int) - colour).max() < 4
    assert full.profile


def test_opacity_is_kept_beside_the_colours() -> None:
    half = Image.new("RGBA", (16, 16), (200, 120, 90, 100))
    read = read_image("a", encode(half, "PNG", icc_profile=display_p3()))
    assert read.transparent is not None
    assert read.transparent[3, 3, 3] == 100
    assert np.abs(read.transparent[3, 3, :3] - in_srgb((200, 120, 90))).max() < 2


def test_srgb_and_damaged_profiles_leave_the_colours_as_they_are() -> None:
    same = read_image("a", encode(picture(), "PNG", icc_profile=SRGB))
    assert np.array_equal(same.pixels, np.asarray(picture()))
    damaged = read_image("a", encode(picture(), "PNG", icc_profile=display_p3()[:150]))
    assert np.array_equal(damaged.pixels, np.asarray(picture()))
    assert damaged.dropped == ("the colour profile",)


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
@pytest.mark.parametrize("name", ["photo.heic", "photo.jpg"])
def test_what_phones_make_is_read_whatever_it_is_called(form: str, name: str) -> None:
    content = encode(picture(64, 48), form, quality=95)
    for read in (read_uploads, read_bounded):
        (photo,) = read([(name, content)]).pictures
        assert (photo.name, photo.pixels.shape) == (name, (48, 64, 3))
        assert np.abs(photo.pixels.astype(int) - np.asarray(picture(64, 48))).mean() < 6


def test_a_phone_that_was_held_upright_gives_an_upright_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = picture(64, 48)
    content = encode(upright.rotate(90, expand=True), "HEIF", exif=exif.tobytes(), quality=95)
    pixels = read_image("a.heic", content).pixels
    assert pixels.shape == (48, 64, 3)
    assert np.abs(pixels.astype(int) - np.asarray(upright)).mean() < 6
