"""Dates as screens, reports and messages show them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np


def say_day(day: date | np.datetime64) -> str:
    """8 Dec 2022."""
    plain: date = day.astype("datetime64[D]").item() if isinstance(day, np.datetime64) else day
    return f"{plain.day} {plain:%b %Y}"


def say_moment(seconds: float) -> str:
    """Seconds since the epoch: 8 Dec 2022, 22:30 UTC."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{say_day(moment)}, {moment:%H:%M} UTC"
