from __future__ import annotations

from typing import Literal

from core.runs.joint import Joint
from core.runs.request import Request
from tests.runs.count.request import CountRequest


class CountsRequest(Joint):
    """Several counts, each a run of its own."""

    bench = "spatial"
    kind: Literal["counts"] = "counts"
    counts: tuple[CountRequest, ...] = ()

    @property
    def title(self) -> str:
        return f"{len(self.counts)} counts"

    @property
    def parts(self) -> dict[str, Request]:
        return {f"to {count.to}": count for count in self.counts}
