"""Numbers, dates and p values as people say them."""

from __future__ import annotations

from datetime import date

import numpy as np

from core.rnn.evaluation.significance import LEVEL


def p_in_words(p: float) -> str:
    return "" if np.isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"


def say_day(day: date | np.datetime64) -> str:
    """A date as people say it: 8 Dec 2022."""
    plain: date = day.astype("datetime64[D]").item() if isinstance(day, np.datetime64) else day
    return f"{plain.day} {plain:%b %Y}"


def say_percent(share: float) -> str:
    """A share as a signed percentage with a true minus sign: −0.12 %."""
    return "undefined" if np.isnan(share) else f"{100 * share:+.2f} %".replace("-", "−")


def say_p(p: float) -> str:
    if np.isnan(p):
        return "no test possible"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < LEVEL else f"p = {p:.2f}"


def in_percent(share: float, digits: int = 1) -> str:
    """A share as a signed percentage with a true minus sign, +12.3 %; nothing where there is no number."""
    return "" if np.isnan(share) else f"{100 * share:+.{digits}f} %".replace("-", "−")
