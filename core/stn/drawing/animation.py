"""Pictures as an animated GIF that loops, with a bar below them that says which moment each shows."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.theme import PALETTES

LARGEST = 2_000_000  # bytes
BAR = 22  # pixels
FRAME_MS, LAST_MS = 180, 1600  # how long a frame stays, and the last one
COLOURS = 128
SMALLER = 0.8  # sides shrink by this until the file is small enough


def _captioned(frame: np.ndarray, words: str, scale: float) -> Image.Image:
    palette = PALETTES["light"]
    picture = Image.fromarray(frame).convert("RGB")
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    sheet = Image.new("RGB", (picture.width, picture.height + BAR), palette.paper)
    sheet.paste(picture, (0, 0))
    font = ImageFont.load_default(size=13)
    ImageDraw.Draw(sheet).text((6, picture.height + BAR / 2), words, fill=palette.ink, font=font, anchor="lm")
    return sheet


def _wide(frames: list[Image.Image]) -> Image.Image:
    """First, middle and last frame side by side: what the colours are chosen from."""
    chosen = [frames[0], frames[len(frames) // 2], frames[-1]]
    sheet = Image.new("RGB", (sum(frame.width for frame in chosen), frames[0].height))
    for number, frame in enumerate(chosen):
        sheet.paste(frame, (number * frame.width, 0))
    return sheet


def _encoded(frames: list[Image.Image], times: tuple[int, int]) -> bytes:
    """All frames share their colours, so that nothing flickers."""
    colours = _wide(frames).quantize(COLOURS, Image.Quantize.MEDIANCUT)
    flat = [frame.quantize(palette=colours, dither=Image.Dither.NONE) for frame in frames]
    durations = [times[0]] * (len(flat) - 1) + [times[1]]
    buffer = io.BytesIO()
    flat[0].save(buffer, "GIF", save_all=True, append_images=flat[1:], duration=durations, loop=0, disposal=1)
    return buffer.getvalue()


def animated(
    frames: Sequence[np.ndarray], captions: Sequence[str], limit: int = LARGEST, times: tuple[int, int] = (FRAME_MS, LAST_MS)
) -> bytes:
    """Frames (H, W, 3), uint8, all of one size, each with its caption, as one GIF of at most `limit` bytes.

    `times`: milliseconds that a frame stays, and the last one.
    """
    scale = 1.0
    while True:
        content = _encoded([_captioned(frame, words, scale) for frame, words in zip(frames, captions, strict=True)], times)
        if len(content) <= limit or scale * min(frames[0].shape[:2]) < 2 * BAR:
            return content
        scale *= SMALLER
