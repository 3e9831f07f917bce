"""Clutter: small pieces of other images, laid anywhere on an image."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from core.errors import InvalidRequest
from core.stn.datasets.digits import SIDE

PIECES, PIECE = 16, 6  # of the scenes in which an object is located: how many, of so many pixels a side
PATCHES, PATCH = 6, 6  # of TC: so many pieces of other digits, of so many pixels a side


def _spans(count: int, pieces: int, side: int, generator: Generator) -> Tensor:
    """Rows or columns (B, pieces, 6) of pieces that stay within a side."""
    return torch.randint(side - PIECE + 1, (count, pieces, 1), generator=generator) + torch.arange(PIECE)


def with_pieces(images: Tensor, donors: Tensor, pieces: int, generator: Generator) -> Tensor:
    """Images (B, C, H, W), uint8, with pieces of donors (M, C, h, w) laid over them; the brighter pixel is seen."""
    count, channels, height, width = images.shape
    chosen = torch.randint(len(donors), (count, pieces), generator=generator)[..., None, None]
    rows, columns = (_spans(count, pieces, side, generator) for side in donors.shape[-2:])
    cut = donors[chosen, :, rows[..., None], columns[..., None, :]]  # (B, pieces, 6, 6, C)
    rows, columns = (_spans(count, pieces, side, generator) for side in (height, width))
    places = (rows[..., None] * width + columns[..., None, :]).flatten(1)[:, None].expand(-1, channels, -1)
    return images.flatten(2).scatter_reduce(2, places, cut.flatten(1, 3).mT, "amax").view_as(images)


def _donors(count: int, pool: Tensor | None, generator: Generator) -> Tensor:
    """Which images (B, 6) the patches come from; within a batch never from the image itself."""
    if pool is not None:
        return torch.randint(len(pool), (count, PATCHES), generator=generator)
    if count == 1:
        raise InvalidRequest("clutter is cut from other images, and there is only one; give a pool of images")
    return (torch.arange(count)[:, None] + torch.randint(1, count, (count, PATCHES), generator=generator)) % count


def _within(last: int, count: int, generator: Generator, size: int) -> Tensor:
    """Rows and columns (2, B, 6, size) of patches that begin at 0 to `last`."""
    return torch.randint(last + 1, (2, count, PATCHES, 1), generator=generator) + torch.arange(size)


def cluttered(canvases: Tensor, images: Tensor, pool: Tensor | None, generator: Generator) -> Tensor:
    """TC: six patches of 6x6 px, cut anywhere from other images, laid anywhere; where things meet, the brighter one is seen."""
    count, channels, side, _ = canvases.shape
    size = max(1, round(PATCH * images.shape[-1] / SIDE))
    donors = _donors(count, pool, generator).to(images.device, non_blocking=True)
    source = images if pool is None else pool
    cut = _within(images.shape[-1] - size, count, generator, size).to(images.device, non_blocking=True)  # (2, B, 6, size)
    laid = _within(side - size, count, generator, size).to(images.device, non_blocking=True)
    patches = source[donors[..., None, None], :, cut[0, ..., None], cut[1, ..., None, :]]  # (B, 6, size, size, C)
    pixels = patches.flatten(1, 3).mT.float() / 255  # (B, C, 6·size²)
    places = (laid[0, ..., None] * side + laid[1, ..., None, :]).flatten(1)  # (B, 6·size²)
    places = places[:, None].expand(-1, channels, -1)
    return canvases.flatten(2).scatter_reduce(2, places, pixels, "amax").view_as(canvases)
