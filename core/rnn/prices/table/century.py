"""Which century a year of two digits lies in: the one under which the column runs one way and ends before tomorrow."""

from __future__ import annotations

import numpy as np


def in_century(days: np.ndarray, today: np.datetime64) -> np.ndarray:
    """Dates, datetime64[D] (N,), of whose years only the last two digits count, in the latest centuries that fit.

    Neighbours are taken to be less than fifty years apart. Where the column then runs neither forwards nor backwards, each date
    is the latest one that is not in the future.
    """
    year = _years(days)
    short = year % 100
    position = short + (days - days.astype("datetime64[Y]")).astype(int) / 366
    steps = np.diff(position)
    along = position[0] + np.concatenate([[0.0], np.cumsum(steps - 100 * np.round(steps / 100))])
    recent = _latest_possible(days, short, today)
    if not ((np.diff(along) >= 0).all() or (np.diff(along) <= 0).all()):
        return recent
    century, last = np.round((along - position) / 100).astype(int), int(np.argmax(along))
    own = _years(recent[last : last + 1])[0] - short[last] + 100 * (century - century[last])
    return _moved(days, own + short - year)


def _latest_possible(days: np.ndarray, short: np.ndarray, today: np.datetime64) -> np.ndarray:
    """Each date in the latest century in which it is not after tomorrow."""
    this = _years(np.array([today]))[0] // 100 * 100
    dates = _moved(days, this + short - _years(days))
    return np.where(dates > today + 1, _moved(dates, np.full(len(days), -100)), dates)


def _years(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[Y]").astype(int) + 1970


def _moved(days: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Dates moved by whole years, (N,)."""
    months = days.astype("datetime64[M]")
    return (months + 12 * years).astype("datetime64[D]") + (days - months.astype("datetime64[D]"))
