"""Numbers, dates and p values as text for people."""

from __future__ import annotations

from textwrap import wrap

import numpy as np

_LABEL = 16  # characters in a line of a label, at least
_A_CENTURY = {"day": 36_525, "week": 5_218, "month": 1_200, "quarter": 400, "year": 100}  # bars of 100 years, at the most
_SHORTEST_BARS = 288 * 36_525  # as many, of five minutes around the clock
_BORDERLINE = 0.05  # below it the third digit of a p value matters


def p_in_words(p: float) -> str:
    """A p value as tables show it: "< 0.001", "0.034", "0.56"; empty for NaN."""
    if np.isnan(p):
        return ""
    digits = 3 if p < _BORDERLINE else 2
    digits = 4 if round(p, digits) == _BORDERLINE != p else digits  # on which side of it
    return "< 0.001" if p < 0.001 else f"{p:.{digits}f}"


def say_p(p: float) -> str:
    """A p value in a sentence: "p < 0.001", "p = 0.034"."""
    if np.isnan(p):
        return "no test possible"
    return f"p {p_in_words(p)}" if p < 0.001 else f"p = {p_in_words(p)}"


def true_minus(number: str) -> str:
    """A formatted number, with a minus sign in place of its hyphen."""
    return number.replace("-", "−")


def say_percent(share: float, digits: int = 2, missing: str = "undefined") -> str:
    """A share as a signed percentage: −0.12 %."""
    return missing if np.isnan(share) else true_minus(f"{100 * share:+,.{digits}f} %")


def in_two_lines(title: str) -> str:
    """A name as a label of a figure: in two lines at most, between words."""
    width = next(width for width in range(_LABEL, len(title) + _LABEL) if len(wrap(title, width)) <= 2)
    return "<br>".join(wrap(title, width))


def two_digits(number: float) -> str:
    """A number above 0 to two digits that count: 0.046, 2.4, 31, 200,000."""
    rounded = float(f"{number:.2g}")
    return f"{rounded:,.{max(0, 1 - int(np.floor(np.log10(rounded))))}f}"


def power_in_words(detectable: float | None, days: int, bar: str, rival: str) -> str:
    """Which skill against a rival a test of so many days could find at all; `detectable` is None where none."""
    tested = f"With {days:,} test {bar}s"
    if detectable is None or np.isnan(detectable):
        return f"{tested} no skill against {rival} could be found reliably."
    skill = f"skill against {rival} above {two_digits(100 * detectable)} %"
    return f"{tested} only a {skill} would be found reliably (in 4 of 5 cases)."


def confirmation_in_words(skill: float, model: str, rival: str, needed: float, bar: str) -> str:
    """How many days it would take to confirm a skill that was measured but may be chance; empty where that is not a number.

    Of one that fills more than 100 years it is said that no test can be so long.
    """
    if not 0 < needed < float("inf"):
        return ""
    pair = f"of {model} against {rival}"
    what = f"{say_percent(skill)} {pair}" if round(skill, 4) else f"a skill {pair} that rounds to 0.00 %"
    endless = ", more than 100 years: no test is that long" if needed > _A_CENTURY.get(bar, _SHORTEST_BARS) else ""
    return f"To confirm {what} you would need about {two_digits(needed)} {bar}s{endless}."


SMALL = (
    "The skill found is smaller than that: in so short a test, what is small and still passes is more often measured too large "
    "than too small."
)
