"""Thetas as a table: each read as rotation, scale, shear and shift, and its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from core.stn.geometry.kinds import in_frame
from core.stn.geometry.theta import parts


def theta_table(names: Sequence[str], thetas: np.ndarray, sizes: Sequence[tuple[int, int]] | None = None) -> pd.DataFrame:
    """Thetas (N, …) of any kind in square coordinates, output to input; a homography's and a spline's parts are at the centre.

    Columns: name, rotation_deg, scale_x, scale_y, shear, shift_x, shift_y, determinant, and theta_1, theta_2, … row by row:
    what `warp --theta` takes for pictures of these sizes (width, height), by default square ones.
    """
    read = [parts(theta) for theta in thetas]
    table = pd.DataFrame([asdict(row) | {"determinant": row.determinant} for row in read])
    table.insert(0, "name", list(names))
    frames = sizes or [(1, 1)] * len(thetas)
    framed = [in_frame(theta.astype(np.float64), *size) for theta, size in zip(thetas, frames, strict=True)]
    numbers = np.stack(framed).reshape(len(thetas), -1)
    return table.join(pd.DataFrame(numbers, columns=[f"theta_{n}" for n in range(1, numbers.shape[1] + 1)]))
