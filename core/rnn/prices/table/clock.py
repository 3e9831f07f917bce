"""Times of day and time zones: what a stamp says beside its date, and whose midnight the stamps of a column are.

Many sources write the day of an exchange as its midnight in UTC: 2022-01-03T15:00:00Z is 4 January in Tokyo. Where all stamps
are midnight in one zone, they are days of that zone.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd

DAY = 86400  # seconds
ZONES = {
    "UTC": "UTC", "America/New_York": "New York", "America/Chicago": "Chicago", "America/Sao_Paulo": "São Paulo",
    "America/Mexico_City": "Mexico City", "America/Argentina/Buenos_Aires": "Buenos Aires", "Europe/London": "London",
    "Europe/Paris": "Paris and Frankfurt", "Europe/Athens": "Athens and Helsinki", "Europe/Istanbul": "Istanbul",
    "Europe/Moscow": "Moscow", "Africa/Johannesburg": "Johannesburg", "Asia/Jerusalem": "Tel Aviv", "Asia/Dubai": "Dubai",
    "Asia/Kolkata": "Mumbai", "Asia/Bangkok": "Bangkok", "Asia/Shanghai": "Shanghai, Hong Kong and Singapore",
    "Asia/Tokyo": "Tokyo and Seoul", "Australia/Sydney": "Sydney", "Pacific/Auckland": "Auckland",
}  # fmt: skip  # of exchanges, by their IANA names
_STAMP = re.compile(r"(.*?\d.*?)[T ]\s*(\d{1,2}:\d{2}.*)")
_COMPACT = re.compile(r"(\d{8})[T ](\d{4}|\d{6})")
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp][Mm])?\s*(?:(Z|UTC|GMT)|([+-]\d{2}):?(\d{2})?|[A-Za-z]{2,5})?"
)
_SAMPLE = 64  # stamps that rule out most zones


def parted(cell: str) -> tuple[str, str]:
    """The date of a stamp and its time of day, which is empty where it has none."""
    if match := _COMPACT.fullmatch(cell) or (":" in cell and _STAMP.fullmatch(cell)):
        return match[1].strip(" ,"), match[2]
    return cell, ""


@cache
def time_of(text: str) -> tuple[int, int | None] | None:
    """Seconds since midnight, and the offset from UTC in seconds where it is written; None where the text is no time of day."""
    if text.isascii() and text.isdigit() and len(text) <= 6:
        digits = text.zfill(6) if len(text) > 4 else text.zfill(4) + "00"
        parts, half, offset = (digits[:2], digits[2:4], digits[4:]), "", None
    else:
        match = _TIME.fullmatch(text.strip())
        if match is None:
            return None
        parts, half = (match[1], match[2], match[3] or "0"), (match[4] or "").lower()
        offset = 0 if match[5] else None
        if match[6]:
            sign = -1 if match[6][0] == "-" else 1
            offset = sign * (abs(int(match[6])) * 3600 + int(match[7] or 0) * 60)
    hours, minutes, seconds = map(int, parts)
    if half:
        hours = hours % 12 + 12 * (half == "pm")
    return (hours * 3600 + minutes * 60 + seconds, offset) if hours < 24 and minutes < 60 and seconds < 60 else None


def _local(instants: np.ndarray, zone: str) -> np.ndarray:
    """Instants, UTC, datetime64[s], by the clock of a zone."""
    index = pd.DatetimeIndex(instants).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return index.to_numpy().astype("datetime64[s]")


def _seconds(moments: np.ndarray) -> np.ndarray:
    return (moments - moments.astype("datetime64[D]")).astype(np.int64)


def zone_of_midnights(instants: np.ndarray) -> str:
    """The zone in which all instants, UTC, datetime64[s], are midnight; empty where there is none."""
    sample = instants[:: max(1, len(instants) // _SAMPLE)]
    for zone in ZONES:
        if all(not _seconds(_local(some, zone)).any() for some in (sample, instants)):
            return zone
    return ""


def zone_of_offsets(moments: np.ndarray, offsets: np.ndarray) -> str:
    """The zone whose clock shows `moments` at these offsets from UTC, in seconds; UTC where none does."""
    instants = moments - offsets.astype("timedelta64[s]")
    return next((zone for zone in ZONES if np.array_equal(_local(instants, zone), moments)), "UTC")


def by_the_exchange(instants: np.ndarray) -> tuple[np.ndarray, str, tuple[str, ...]]:
    """Instants, UTC, by the clock of the zone in which all are midnight, else by UTC; the zone; a fact if it is another."""
    zone = zone_of_midnights(instants)
    if not zone or zone == "UTC":
        return instants, "UTC", ()
    return _local(instants, zone), zone, (f"all times are midnight in {ZONES[zone]} and read as the days there",)
