"""Pictures to files: with their transparency and their colour profile where the format has a place for them."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from core.errors import ImageError
from core.stn.datasets.images import FORMATS, Picture
from core.stn.geometry.warping import BILINEAR, Sampling, warp

OPTIONS: dict[str, dict[str, Any]] = {"JPEG": {"quality": 92}, "WEBP": {"lossless": True}}
WITH_TRANSPARENCY = ("PNG", "WEBP", "TIFF")
WITH_PROFILE = ("PNG", "JPEG", "WEBP", "TIFF")


@dataclass(frozen=True)
class PictureFile:
    """The content of a file, and what of the picture it does not hold, in words."""

    content: bytes
    dropped: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """ "Written without the colour profile."; nothing where nothing is dropped."""
        return f"Written without {', '.join(self.dropped)}." if self.dropped else ""


def file_of(name: str, picture: Picture) -> PictureFile:
    """The file of a picture by the ending of its name; ImageError when no such format is written here."""
    suffix = PurePosixPath(name).suffix.lower()
    form = Image.registered_extensions().get(suffix)
    if form not in FORMATS:
        raise ImageError(f"{name} ends with {suffix or 'nothing'}; name the file .png to keep every pixel exact")
    held = replace(
        picture,
        transparent=picture.transparent if form in WITH_TRANSPARENCY else None,
        profile=picture.profile if form in WITH_PROFILE else b"",
    )
    buffer = io.BytesIO()
    options = OPTIONS.get(form, {}) | ({"icc_profile": held.profile} if held.profile else {})
    Image.fromarray(held.pixels if held.transparent is None else held.transparent).save(buffer, form, **options)
    kept = set(held.beyond_pixels) - set(held.dropped)
    return PictureFile(buffer.getvalue(), tuple(what for what in picture.beyond_pixels if what not in kept))


def bent(
    picture: Picture, theta: np.ndarray | Tensor, sampling: Sampling = BILINEAR, size: tuple[int, int] | None = None
) -> Picture:
    """A picture seen through a theta of any kind, in square coordinates; transparent places bring no colour with them.

    `size` is (height, width) of the output, by default that of the picture (`warping.warp`).
    """
    transparent = None
    if picture.transparent is not None:
        opaque = Image.fromarray(picture.transparent).convert("RGBa")  # colours by how opaque they are
        colours = warp(np.asarray(opaque), theta, sampling, size)
        transparent = np.array(Image.frombytes("RGBa", colours.shape[1::-1], colours.tobytes()).convert("RGBA"))
    return replace(picture, pixels=warp(picture.pixels, theta, sampling, size), transparent=transparent)
