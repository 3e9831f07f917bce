"""What the network says of the examples of a straighten run, as a table: theta read as rotation, scale, shear and shift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
import torch

from core.stn.geometry.theta import from_frame, is_spline, parts
from core.stn.straighten.result import StraightenResult


def theta_table(names: Sequence[str], thetas: np.ndarray) -> pd.DataFrame:
    """Thetas (N, …) of any kind in square coordinates, output to input; a homography's and a spline's parts are at the centre.

    Columns: name, rotation_deg, scale_x, scale_y, shear, shift_x, shift_y, determinant, and theta_1, theta_2, … row by row.
    """
    read = [parts(theta) for theta in thetas]
    table = pd.DataFrame([asdict(row) | {"determinant": row.determinant} for row in read])
    table.insert(0, "name", list(names))
    numbers = thetas.reshape(len(thetas), -1)
    return table.join(pd.DataFrame(numbers, columns=[f"theta_{n}" for n in range(1, numbers.shape[1] + 1)]))


def example_thetas(result: StraightenResult) -> pd.DataFrame:
    """A row for every example: how the photo has to be looked at to be upright, in square coordinates."""
    sizes = [result.distorted[str(number)].shape for number in range(len(result.example_names))]
    given = [torch.from_numpy(theta) for theta in result.example_thetas]
    squared = [
        theta if is_spline(theta) else from_frame(theta, size[1], size[0]) for theta, size in zip(given, sizes, strict=True)
    ]
    return theta_table(result.example_names, torch.stack(squared).numpy())
