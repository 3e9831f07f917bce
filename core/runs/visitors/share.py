"""Share: one visitor's part in one run. A run ends when nobody waits for it, and its result goes when nobody holds it."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.runs.visitors.visitor import LAB, PINNED


@dataclass(frozen=True)
class Share:
    """Times are seconds since the epoch."""

    run: str
    visitor: str
    asked: float
    left: float | None = None  # when they pressed Cancel
    deleted: float | None = None
    deleted_by: str | None = None  # the visitor's id

    @property
    def waits(self) -> bool:
        return self.left is None and self.deleted is None

    @property
    def held(self) -> bool:
        return self.deleted is None


@dataclass(frozen=True)
class SharesOfRun:
    """Everybody's part in one run."""

    run: str
    own: tuple[Share, ...] = ()
    of_wholes: tuple[Share, ...] = ()  # of the joint runs that it is a part of
    awaited: bool = False  # whether a joint run that is alive waits for it

    @property
    def askers(self) -> frozenset[str]:
        """Who asked for it by itself and still wants it."""
        return frozenset(share.visitor for share in self.own if share.waits)

    @property
    def holders(self) -> frozenset[str]:
        """Who has it among their runs, by itself or as a part."""
        return frozenset(share.visitor for share in (*self.own, *self.of_wholes) if share.held)

    @property
    def left(self) -> frozenset[str]:
        """Who has pressed Cancel and kept it in their list."""
        return frozenset(share.visitor for share in self.own if share.held and not share.waits)

    @property
    def shipped(self) -> bool:
        return any(share.visitor == LAB for share in self.own)

    @property
    def pinned(self) -> bool:
        return any(share.visitor == PINNED and share.held for share in self.own)


@dataclass(frozen=True)
class Deletion:
    """What somebody deleted at one time, as long as it can be undone."""

    by: str  # the visitor's id
    at: float
    runs: tuple[str, ...] = field(default=())
