"""What others are told of a run: the names of those who keep nothing to themselves, and its title unless it is private."""

from __future__ import annotations

from collections.abc import Mapping

from core.runs.visitors.share import SharesOfRun
from core.runs.visitors.visitor import LAB, PINNED, Visitor

MOST_NAMED = 3


def is_open(shares: SharesOfRun, people: Mapping[str, Visitor], all_private: bool = False) -> bool:
    """Whether a run may stand in everybody's lists: it is shipped or pinned, or of an earlier version and nobody's, or one who
    holds it keeps nothing to themselves."""
    if shares.shipped or shares.pinned:
        return True
    if all_private:
        return False
    return not (shares.own or shares.of_wholes) or any(not people[holder].private for holder in shares.holders)


def sees(viewer: str, shares: SharesOfRun, people: Mapping[str, Visitor], all_private: bool = False) -> bool:
    """Whether a visitor may be shown a run in a list; whoever has its link may open any."""
    return viewer in shares.holders or is_open(shares, people, all_private)


def whose(viewer: str, shares: SharesOfRun, people: Mapping[str, Visitor], all_private: bool = False) -> str:
    """Whose a run is, for one visitor: "you, Ada"; "" where nobody may be named."""
    first = ["you"] if viewer in shares.holders else []
    held = sorted((share for share in (*shares.own, *shares.of_wholes) if share.held), key=lambda share: share.asked)
    others = [one for one in dict.fromkeys(share.visitor for share in held) if one not in (viewer, PINNED)]
    named = [people[one].name for one in others if one == LAB or not (all_private or people[one].private)]
    names = [*first, *named]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
