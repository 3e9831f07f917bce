"""Clutter: small pieces of other images, laid anywhere on an image."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

PIECES, PIECE = 16, 6  # how many, of so many pixels a side


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
