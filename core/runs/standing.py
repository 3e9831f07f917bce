"""Where a result stands: its error beside that of a baseline which needs no network, and the health of what made it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["good", "watch", "bad"]
WORDS: dict[Level, str] = {"good": "healthy", "watch": "in doubt", "bad": "unhealthy"}
SURE = 2.0  # standard errors from which a difference is called one


@dataclass(frozen=True)
class Standing:
    """An error and that of the baseline, in the same unit, each with what it is; and the health in a word of `WORDS`.

    It is healthy only where its error is smaller than the baseline's by at least `SURE` standard errors.
    """

    error: float
    error_is: str
    baseline: float
    baseline_is: str
    health: str
    health_is: str = ""  # why, in words; empty where nobody has measured that

    @property
    def health_with_reason(self) -> str:
        """ "in doubt: its error is 1.2 standard errors below the baseline's, which chance may explain" """
        return ": ".join(filter(None, (self.health, self.health_is)))

    @property
    def plain(self) -> dict[str, Any]:
        """Ready for JSON: None in place of NaN and infinity."""
        return {name: value if isinstance(value, str) or math.isfinite(value) else None for name, value in asdict(self).items()}


def level_of(better: float) -> Level:
    """The level of an error that is below its baseline's by so many standard errors; what cannot be told (NaN) is in doubt."""
    return "good" if better >= SURE else "bad" if better <= -SURE else "watch"


def health_of(better: float, refuted: str = "") -> tuple[str, str]:
    """Health and reason of an error so many standard errors below its baseline's; `refuted`: why that is in doubt."""
    level = level_of(better)
    side = f"its error is {abs(better):.1f} standard errors {'below' if better > 0 else 'above'} the baseline's"
    if math.isnan(better):
        return WORDS[level], "it cannot be told from the baseline"
    if level != "watch" and refuted:
        return WORDS["watch"], f"{side}, but {refuted}"
    return WORDS[level], f"{side}{', which chance may explain' if level == 'watch' else ''}"


def of_several(standings: Sequence[Standing]) -> Standing:
    """Of several networks the first that is not healthy, else the first."""
    return next((one for one in standings if one.health != WORDS["good"]), standings[0])


def of_scores(scores: Sequence[Mapping[str, Any]], error_is: str, reasons: Mapping[Any, str]) -> Standing:
    """Of models in rows with model, error, baseline, baseline_is and health; `error_is` says what the errors count, `reasons`
    by model why its health is so."""
    return of_several(
        [
            Standing(row["error"], error_is, row["baseline"], row["baseline_is"], row["health"], reasons[row["model"]])
            for row in scores
        ]
    )
