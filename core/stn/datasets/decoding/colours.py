"""Colours by their ICC profile, turned into sRGB: what a phone calls red is not what a screen calls red."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

from core.system.unreadable import UNREADABLE

_SPACES = {b"RGB ": "RGB", b"CMYK": "CMYK", b"GRAY": "L"}  # by bytes 16 to 20 of a profile: the mode of its pictures
_SRGB = ImageCms.createProfile("sRGB")


def space_of(profile: bytes) -> str:
    """The mode of the pictures that a profile is for: RGB, CMYK or L; "" for others, and where there is none."""
    return _SPACES.get(profile[16:20], "")


def is_srgb(profile: bytes) -> bool:
    """Whether a profile calls itself sRGB."""
    try:
        return "srgb" in ImageCms.getProfileDescription(io.BytesIO(profile)).casefold()
    except (ImageCms.PyCMSError, *UNREADABLE):
        return False


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image | None:
    """A picture of 8 bits a level in sRGB, as opaque as it was; None where its profile is damaged or of other colours."""
    space = space_of(profile)
    alpha = None
    if space == "RGB" and image.mode != "RGB":
        alpha = image.convert("RGBA").getchannel("A") if "A" in image.getbands() or "transparency" in image.info else None
        image = image.convert("RGB")
    if space == "L" and image.mode in ("1", "LA"):
        alpha = image.getchannel("A") if image.mode == "LA" else None
        image = image.convert("L")
    if image.mode != space:
        return None
    try:
        turned = ImageCms.profileToProfile(image, io.BytesIO(profile), _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, *UNREADABLE):
        return None
    if turned is not None and alpha is not None:
        turned.putalpha(alpha)
    return turned
