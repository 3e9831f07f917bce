"""The pieces of a series that a network learns from, in the order of time: non-overlapping chunks, and overlapping windows."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.errors import SeriesTooShort


def chunks(values: np.ndarray, length: int, offset: int = 0) -> np.ndarray:
    """Non-overlapping pieces (N, length, …) of values (T, …), from `offset` on; what is left over at the end is dropped."""
    count = (len(values) - offset) // length
    if count < 1:
        raise SeriesTooShort(f"series has {len(values) - offset} days, one chunk needs {length}")
    return values[offset : offset + count * length].reshape(count, length, *values.shape[1:])


def windows(values: np.ndarray, length: int) -> np.ndarray:
    """Every window (T - length + 1, length, F) of values (T, F), without copying; window i ends at day i + length - 1."""
    if len(values) < length:
        raise SeriesTooShort(f"series has {len(values)} days, one window needs {length}")
    return np.moveaxis(sliding_window_view(values, length, axis=0), -1, 1)
