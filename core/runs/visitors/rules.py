"""Rules: what a visitor may do with a run, by who holds it and waits for it. One function each, a reason where it says no.

A run that comes with the lab has a share of the lab's own, which nobody can take away; so has a pinned one.
"""

from __future__ import annotations

from core.runs.visitors.share import SharesOfRun
from core.runs.visitors.visitor import COMMAND_LINE, Visitor

BY_EVERYONE = "cancelled by everyone who asked for it"
BY_THE_ONE = "cancelled"
BY_LECTURER = "cancelled by the lecturer"
ON_COMMAND_LINE = "cancelled on the command line"


def others(visitor: Visitor, shares: SharesOfRun) -> int:
    """How many beside a visitor wait for a run; a joint run that does counts as one."""
    return len(shares.askers - {visitor.id}) + shares.awaited


def left_by(shares: SharesOfRun) -> str:
    """Who has ended a run that nobody waits for any more."""
    return BY_EVERYONE if len({share.visitor for share in shares.own}) > 1 else BY_THE_ONE


def rules_all(visitor: Visitor) -> bool:
    """Whether a visitor may cancel and delete what others asked for: the lecturer, and whoever has the lab's folder."""
    return visitor.lecturer or visitor.id == COMMAND_LINE


def may_leave(visitor: Visitor, shares: SharesOfRun) -> bool:
    """Whoever waits for a run may stop waiting; it ends when nobody is left."""
    return visitor.id in shares.askers


def may_cancel(visitor: Visitor, shares: SharesOfRun) -> bool:
    """End a run for all who wait for it."""
    return rules_all(visitor) or (may_leave(visitor, shares) and not others(visitor, shares))


def may_stop(visitor: Visitor, shares: SharesOfRun) -> bool:
    """End the learning of a run, which keeps what it has learned: for all who wait for it, so only whoever waits alone."""
    return may_cancel(visitor, shares)


def may_delete(visitor: Visitor, shares: SharesOfRun, everybodys: bool = False) -> bool:
    """Take away one's own share of a run; or everybody's, which only those may who rule all, where it is neither shipped nor
    pinned."""
    if everybodys:
        return rules_all(visitor) and not (shares.shipped or shares.pinned)
    return any(share.visitor == visitor.id and share.held for share in shares.own)


def why_not_deleted(title: str, shares: SharesOfRun) -> str:
    """Why a run cannot be deleted."""
    if shares.shipped:
        return f"{title} comes with the lab; nobody can delete it"
    if shares.pinned:
        return f"{title} is pinned; unpin it first"
    return f"{title} is not yours to delete"


def may_replace(visitor: Visitor, shares: SharesOfRun) -> bool:
    """Do a finished run again in place of its result: only where that is nobody else's."""
    if shares.shipped or shares.pinned:
        return False
    return rules_all(visitor) or shares.holders == {visitor.id}


def may_pin(visitor: Visitor) -> bool:
    return rules_all(visitor)


def may_reset(visitor: Visitor) -> bool:
    return rules_all(visitor)
