from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.stn.datasets.images import Picture, read_image
from core.stn.datasets.picture_files import bent, file_of
from core.stn.geometry.theta import Parts, theta_of
from core.stn.geometry.warping import Sampling
from tests.stn.datasets.test_images import SRGB

IDENTITY = theta_of(Parts())
TRANSPARENCY, PROFILE = "transparency (laid onto white)", "the colour profile"


def half_transparent() -> Picture:
    """Red, opaque on the left, with blue that nobody sees on the right; with a profile."""
    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[:, :30], pixels[:, 30:] = (200, 10, 10, 255), (0, 0, 255, 0)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", icc_profile=SRGB)
    return read_image("a.png", buffer.getvalue())


def reopened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize(
    ("suffix", "mode", "dropped"),
    [
        ("png", "RGBA", ()),
        ("webp", "RGBA", ()),
        ("tiff", "RGBA", ()),
        ("jpg", "RGB", (TRANSPARENCY,)),
        ("bmp", "RGB", (TRANSPARENCY, PROFILE)),
    ],
)
def test_transparency_and_profile_are_kept_where_the_format_has_a_place_for_them_and_else_said(
    suffix: str, mode: str, dropped: tuple[str, ...]
) -> None:
    file = file_of(f"out.{suffix}", bent(half_transparent(), IDENTITY))
    image = reopened(file.content)
    assert (image.mode, file.dropped) == (mode, dropped)
    assert (image.info.get("icc_profile") == SRGB) == (PROFILE not in dropped)
    assert file.sentence == (f"Written without {', '.join(dropped)}." if dropped else "")
    if mode == "RGBA":
        assert image.getpixel((5, 5)) == (200, 10, 10, 255)
        assert image.getpixel((55, 5))[3] == 0


def test_what_reading_left_out_is_said_of_every_file() -> None:
    picture = Picture("a", np.zeros((9, 9, 3), np.uint8), dropped=("more than 8 bits a level",))
    assert file_of("a.png", picture).sentence == "Written without more than 8 bits a level."


def test_hidden_colours_do_not_shine_through_a_bent_edge() -> None:
    seen = bent(half_transparent(), theta_of(Parts(rotation_deg=10))).transparent
    assert seen is not None
    edge = (seen[..., 3] > 10) & (seen[..., 3] < 245)
    assert edge.any()
    assert seen[edge][:, 2].max() < 40  # blue: nobody saw it before


def test_opacity_is_bent_like_the_colours() -> None:
    turned = bent(half_transparent(), theta_of(Parts(rotation_deg=90)), Sampling("integer", "zeros"))
    assert turned.transparent is not None
    opaque = turned.transparent[..., 3] == 255
    assert np.array_equal(opaque, turned.transparent[..., 0] == 200)
    assert opaque[-5:, 30].all() != opaque[:5, 30].all()  # the border between them lies across now


def test_an_ending_that_nobody_writes_is_refused() -> None:
    with pytest.raises(ImageError, match=r"name the file \.png"):
        file_of("a.txt", half_transparent())
