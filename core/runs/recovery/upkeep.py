"""Upkeep of a lab's folder from the command line: to verify every checksum, to prune what nobody needs."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Damaged, StoreError
from core.runs.lab import ALL, DAMAGED, Lab
from core.runs.recovery.room import make_room
from core.runs.registry import GONE


@dataclass(frozen=True)
class Verification:
    """How many files were read, which of them were damaged and have been set aside, and the runs whose results are not here."""

    files: int
    damaged: tuple[str, ...]  # digests
    unreadable: tuple[str, ...]  # digests that the disk does not give back
    without_result: tuple[str, ...]  # ids of runs, to be run again

    @property
    def sentence(self) -> str:
        """ "412 files verified: 1 was damaged and has been set aside. 1 run has lost its result: 1a2b3c." """
        files = "1 file" if self.files == 1 else f"{self.files} files"
        words = [f"{files} verified: {_count(len(self.damaged))} damaged{' and set aside' if self.damaged else ''}."]
        if self.unreadable:
            words.append(f"{len(self.unreadable)} cannot be read: {', '.join(one[:12] for one in self.unreadable)}.")
        if self.without_result:
            runs = "1 run has" if len(self.without_result) == 1 else f"{len(self.without_result)} runs have"
            words.append(f"{runs} lost the result and can be run again: {', '.join(self.without_result)}.")
        return " ".join(words)


def verify(lab: Lab) -> Verification:
    """Compare every stored file with its digest. What is damaged is set aside; a run whose result is damaged or gone is marked,
    so that it is done again when it is asked for next."""
    digests = sorted(lab.store.digests())
    damaged, unreadable = [], []
    for digest in digests:
        try:
            lab.store.verify(digest)
        except Damaged:
            damaged.append(digest)
        except StoreError:
            unreadable.append(digest)
    lab.registry.evict(damaged, DAMAGED)
    finished = [run for run in lab.registry.runs(limit=ALL) if run.result]
    gone = {str(run.result) for run in finished} - set(lab.store.digests())
    lab.registry.evict(sorted(gone), GONE)
    lost = [run.id for run in lab.registry.runs(limit=ALL) if run.error.startswith((DAMAGED, GONE))]
    return Verification(len(digests), tuple(damaged), tuple(unreadable), tuple(sorted(lost)))


@dataclass(frozen=True)
class Pruned:
    """What was removed, and what is left."""

    unneeded: int  # files that no run has, older than a day
    set_aside: int  # damaged files
    cleared: int  # files above the bound
    left_mb: float

    @property
    def sentence(self) -> str:
        return (
            f"removed {self.unneeded} files that no run needs, {self.set_aside} damaged ones and {self.cleared} above the "
            f"bound; {self.left_mb:.0f} MB are left"
        )


def prune(lab: Lab) -> Pruned:
    """Remove deleted runs whose time to undo is over, files of no run, damaged ones, and what is above the bound."""
    lab.purge()
    unneeded = lab.store.delete_older(lab.registry.digests())
    set_aside = lab.store.delete_set_aside()
    cleared = len(make_room(lab.registry, lab.store))
    return Pruned(unneeded, set_aside, cleared, lab.store.size()[1] / 1e6)


def _count(number: int) -> str:
    return "none is" if not number else "1 was" if number == 1 else f"{number} were"
