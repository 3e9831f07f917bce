"""One output pixel: which input pixels it reads, with which weights, and the sum written out.

Eq. 3 of Jaderberg et al. 2015 for a single i. Conventions of `families` and `kernels`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from core.errors import InvalidRequest
from core.stn.geometry.interpolation import Axis, Phi, axes, in_pixels
from core.stn.geometry.kernels import KernelName, Padding

_SMALLEST = 5e-3  # weights that would be written 0.00


@dataclass(frozen=True)
class Reading:
    """What is read at one source point of a picture (height, width).

    `table` has a row for each neighbour n, m of the kernel, from the top left: `row` and `column` of the pixel that is read,
    after the padding rule; `outside`, whether the neighbour itself lies outside the picture; `weight_x`, `weight_y`; and
    `weight`, their product. With padding zeros a neighbour outside keeps its own row and column, and weighs 0.
    """

    height: int
    width: int
    x: float  # normalised
    y: float
    column: float  # the same point in pixels; the centre of the first pixel is 0
    row: float
    table: pd.DataFrame


def _along(axis: Axis) -> pd.DataFrame:
    """The K neighbours along one axis: the pixel read, whether it lies outside, the kernel's weight, whether it counts."""
    inside, position = axis.inside.flatten().numpy(), axis.position.flatten().numpy()
    index = axis.index.flatten().numpy()
    columns = {
        "pixel": np.where(inside, index, position),
        "outside": index != position,
        "weight": axis.shares.flatten().detach().numpy(),
        "counts": inside,
    }
    return pd.DataFrame(columns)


def _pairs(down: pd.DataFrame, across: pd.DataFrame) -> pd.DataFrame:
    both = down.merge(across, how="cross", suffixes=("_y", "_x"))
    both["weight"] = both.weight_x * both.weight_y * (both.counts_x & both.counts_y)
    both["outside"] = both.outside_x | both.outside_y
    both = both.rename(columns={"pixel_y": "row", "pixel_x": "column"})
    return both[["row", "column", "outside", "weight_x", "weight_y", "weight"]]


def reads(
    height: int,
    width: int,
    point: tuple[float, float],
    kernel: KernelName = "bilinear",
    padding: Padding = "border",
    phi: Phi = None,
) -> Reading:
    """What is read at a source point (x, y), normalised, of a picture of this size; InvalidRequest if it is not finite."""
    if not np.isfinite(point).all():
        raise InvalidRequest(f"the source point is ({point[0]}, {point[1]}); theta must be finite for it to be read")
    grid = torch.tensor([[[point]]], dtype=torch.float64)  # (1, 1, 1, 2)
    column, row = (place.item() for place in in_pixels(grid, height, width))
    across, down = (_along(axis) for axis in axes(grid, height, width, kernel, padding, phi))
    return Reading(height, width, point[0], point[1], column, row, _pairs(down, across))


def value_of(reading: Reading, image: np.ndarray) -> np.ndarray:
    """V (C,) of that point: the weighted sum over a picture (H, W, C), before any rounding."""
    if image.shape[:2] != (reading.height, reading.width):
        size = f"{reading.width} × {reading.height}"
        raise InvalidRequest(f"the picture is {image.shape[1]} × {image.shape[0]}, the reading is of one {size}")
    counted = reading.table[reading.table.weight != 0]
    pixels = image[counted.row, counted.column].astype(np.float64)  # (N, C)
    return counted.weight.to_numpy() @ pixels


def _term(weight: float, pixel: int) -> str:
    return rf"{'+' if weight > 0 else '-'} {abs(weight):.2f} \cdot {pixel}"


def written_out(reading: Reading, image: np.ndarray, channel: int = 0, terms: int = 4) -> str:
    """The sum in LaTeX, "0.42 \\cdot 118 + 0.28 \\cdot 97 + \\dots = 107.3", the largest `terms` weights first.

    Neighbours that read the same pixel are one term. Of a picture (H, W, C) one channel.
    """
    value = value_of(reading, image)
    grey = image if image.ndim == 2 else image[..., channel]
    pixels = reading.table.groupby(["row", "column"], as_index=False).weight.sum()
    pixels = pixels[pixels.weight.abs() >= _SMALLEST].sort_values("weight", key=np.abs, ascending=False, kind="stable")
    shown = [_term(read.weight, grey[read.row, read.column]) for read in pixels.head(terms).itertuples()]
    total = " ".join(shown + ([r"+ \dots"] if len(pixels) > terms else [])) or "0"
    return f"{total.removeprefix('+ ')} = {value if image.ndim == 2 else value[channel]:.1f}"
