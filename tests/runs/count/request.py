from __future__ import annotations

from typing import ClassVar, Literal

from core.runs.request import Request


class CountRequest(Request):
    bench = "spatial"
    stoppable: ClassVar[bool] = True
    checkpoint_seconds: ClassVar[float] = 0.0
    kind: Literal["count"] = "count"
    to: int = 3
    pause: float = 0.0
    mood: Literal["fine", "diverges", "broken", "deaf", "greedy", "fatal", "lost", "learns"] = "fine"
    image: str = ""
    careful: bool = False  # has a checkpoint at every number, and goes on from it

    @property
    def title(self) -> str:
        return f"Count to {self.to}"

    @property
    def size(self) -> float:
        """Tens of seconds, so that the default of `Kind.seconds` expects what it takes; 1 for one that takes no time."""
        return self.to * self.pause / 10 or 1.0

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.image,) if self.image else ()
