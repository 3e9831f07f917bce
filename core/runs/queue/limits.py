"""Limits: how many runs a visitor may have at once, how long a run may have a worker, what long runs leave to short ones."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.errors import InvalidRequest

GRACE_SECONDS = 120.0  # for a run that was stopped at its limit to test and keep what it has


@dataclass(frozen=True)
class Limits:
    """None: as many, or as long, as it likes. The command line has no limits."""

    runs_per_visitor: int | None = None
    run_seconds: float | None = None
    kept: bool = False  # of two or more workers one is for short runs alone

    def check(self, alive: Collection[str], more: int = 1) -> None:
        """InvalidRequest when a visitor, of whom these runs wait or are at work, may not ask for another one, or so many."""
        most = self.runs_per_visitor
        if most is None or len(alive) + more <= most:
            return
        if more > 1:
            begun = f", and {len(alive)} of yours wait or run already" if alive else ""
            raise InvalidRequest(
                f"these are {more} runs; a visitor may have {most} at once here{begun}: ask for fewer, or a sweep"
            )
        are = f"{len(alive)} runs of yours wait or run" if len(alive) > 1 else "a run of yours waits or runs"
        raise InvalidRequest(
            f"{are}, and a visitor may have {most} at once here: wait until one ends, or cancel one under Runs, and ask again"
        )

    def stops(self, passed: float) -> bool:
        """Whether a run that has had a worker for so many seconds is to be stopped."""
        return self.run_seconds is not None and passed > self.run_seconds

    def ends(self, passed: float, stoppable: bool) -> bool:
        """Whether it is to be ended: one that can be stopped has GRACE_SECONDS to test and keep what it has."""
        grace = GRACE_SECONDS if stoppable else 0.0
        return self.run_seconds is not None and passed > self.run_seconds + grace

    @property
    def reason(self) -> str:
        """Why a run was ended."""
        minutes = (self.run_seconds or 0.0) / 60
        return (
            f"It ran for {minutes:g} minute{'' if minutes == 1 else 's'}, as long as one run may here (GRIDCAST_RUN_MINUTES), "
            "and was ended. Choose a smaller one, or run it from the command line, which has no limit."
        )
