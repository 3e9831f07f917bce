"""The conclusion of a run: one headline that is true by its test, what supports it, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import InvalidRequest
from core.runs.kinds import request_from
from core.runs.request import Request
from core.runs.standing import WORDS, Level

# A baseline or a rival is beaten, it is not, it is better, too little was learned to say, or there is nothing to beat.
Finding = Literal["better", "no better", "worse", "too early", "measured"]
LEVELS: dict[Finding, Level] = {
    "better": "good",
    "no better": "watch",
    "worse": "bad",
    "too early": "watch",
    "measured": "good",
}
BY_WORD: dict[str, Finding] = {WORDS["good"]: "better", WORDS["watch"]: "no better", WORDS["bad"]: "worse"}

NextStep = Literal["longer", "another seed", "more seeds"] | int  # a number: so many steps for each network
TIMES = (60, 300, 600, 1200, 3600, 7200)  # seconds that are offered
LONGER = 2.0  # times what was learned: less would hardly show
SEEDS = 5  # networks of each variant: fewer do not tell how much another would differ


@dataclass(frozen=True)
class Conclusion:
    """What somebody should take from a run in ten seconds. Texts have no full stop at their end."""

    finding: Finding
    headline: str  # in lists of runs, too: short
    support: tuple[str, ...] = ()  # a sentence each: errors, steps, seeds, spread; what was watched in the training
    next_step: NextStep | None = None  # what would tell more

    @property
    def level(self) -> Level:
        return LEVELS[self.finding]

    @property
    def sentence(self) -> str:
        """The headline as a sentence without its full stop."""
        return self.headline[:1].upper() + self.headline[1:]

    def plain(self, request: Request) -> dict[str, Any]:
        """Ready for JSON; with the fields of the request that the next step changes."""
        after = follow_up(request, self.next_step)
        then = {"words": after.words, "change": dict(after.change)} if after else None
        return {"finding": self.finding, "headline": self.headline, "support": list(self.support), "next": then}


@dataclass(frozen=True)
class FollowUp:
    """Another run that would tell more: what it is called, and the fields of the request that it changes."""

    words: str
    change: Mapping[str, Any]

    def request(self, former: Request) -> Request:
        return request_from(former.model_dump() | dict(self.change))


def in_words(seconds: float) -> str:
    """ "30 s", "5 min", "2 h" """
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:g} s"


def follow_up(request: Request, step: NextStep | None) -> FollowUp | None:
    """What the next step changes in a request; None where there is no step, or the request allows no more."""
    if step == "another seed":
        seed = getattr(request, "seed", None)
        return None if seed is None else _allowed(request, FollowUp(f"Train again with seed {seed + 1}", {"seed": seed + 1}))
    if step == "longer":
        return _longer(request)
    if step == "more seeds":
        return _more_seeds(request)
    if isinstance(step, int) and "steps" in type(request).model_fields:
        return _allowed(request, FollowUp(f"Train for {step:,} steps each", {"steps": step}))
    return None


def _more_seeds(request: Request) -> FollowUp | None:
    seeds = getattr(request, "seeds", SEEDS)
    if seeds >= SEEDS or not getattr(request, "cells", ()):
        return None
    return _allowed(request, FollowUp(f"Train {SEEDS} networks of each variant", {"seeds": SEEDS}))


def _longer(request: Request) -> FollowUp | None:
    steps, budget = getattr(request, "steps", None), getattr(request, "budget", None)
    if steps is not None:
        more = 4 * steps
        return _allowed(request, FollowUp(f"Train for {more:,} steps", {"steps": more}))
    if budget is None:
        return None
    times = [seconds for seconds in TIMES if seconds >= LONGER * budget]
    each = " each" if len(getattr(request, "models", ())) > 1 else ""
    offers = [FollowUp(f"Train for {in_words(time)}{each}", {"budget": float(time)}) for time in times]
    return next((offer for offer in offers if _allowed(request, offer)), None)


def _allowed(request: Request, step: FollowUp) -> FollowUp | None:
    try:
        step.request(request)
    except InvalidRequest:
        return None
    return step
