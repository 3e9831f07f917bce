"""Digests of returns, a calendar month each: two series that share one are the same prices, whatever they are called.

They say which tests were made on the same data, see `core.runs.database.ledger`.
"""

from __future__ import annotations

import hashlib

import numpy as np

RESOLUTION = 1e-5  # returns are rounded to it, so that single precision or an adjustment for a new dividend changes few
FEWEST = 4  # days with a move: a stretch with fewer could be that of another ticker
_LENGTH = 16  # characters of a digest


def return_digests(days: np.ndarray, returns: np.ndarray, first: int) -> tuple[str, ...]:
    """Of log returns (T,) of days (T,), datetime64: a digest of each calendar month that lies fully in those from `first` on.

    The last month counts as full where the days go on after it. Bars inside a day have one a day, bars of which a month has too
    few one a year. Where no stretch is full, or none moves, one of all returns from `first` on.
    """
    unit = _unit(days)
    stretches = days.astype(f"datetime64[{unit}]")
    tested = stretches[first:]
    full = [stretch for stretch in np.unique(tested)[:-1] if first == 0 or stretch != stretches[first - 1]]
    digests = [_digest(returns[first:][tested == stretch]) for stretch in full]
    if not any(digests):
        digests = [_digest(returns[first:])]
    return tuple(dict.fromkeys(digest for digest in digests if digest))


def _unit(days: np.ndarray) -> str:
    """The calendar unit that has some bars: D, M or Y."""
    for unit in ("D", "M"):
        if np.median(np.unique(days.astype(f"datetime64[{unit}]"), return_counts=True)[1]) >= FEWEST:
            return unit
    return "Y"


def _digest(returns: np.ndarray) -> str:
    """Empty where too few of them move."""
    rounded = np.rint(returns / RESOLUTION).astype("<i8")
    return hashlib.sha256(rounded.tobytes()).hexdigest()[:_LENGTH] if np.count_nonzero(rounded) >= FEWEST else ""
