"""Small experiments for the tests of the floor: one counts, and can be told to fail; the other is made of several such."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, ClassVar, Literal

import numpy as np

from core.errors import InvalidRequest, RunFailed, TrainingDiverged
from core.runs.joint import Ended, Joint
from core.runs.request import Inputs, Progress, Request, Wish
from core.runs.result import Result


class CountResult(Result):
    total: int
    squares: np.ndarray

    @property
    def scores(self) -> Any:
        return {"total": self.total}

    @property
    def headline(self) -> str:
        return f"counted to {self.total}"


class CountRequest(Request):
    bench = "spatial"
    result: ClassVar[type[Result]] = CountResult
    stoppable: ClassVar[bool] = True
    kind: Literal["count"] = "count"
    to: int = 3
    pause: float = 0.0
    mood: Literal["fine", "diverges", "broken", "deaf"] = "fine"
    image: str = ""
    careful: bool = False  # keeps a checkpoint at every number

    @property
    def title(self) -> str:
        return f"Count to {self.to}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.image,) if self.image else ()

    def check(self, inputs: Inputs) -> None:
        if self.to < 0:
            raise InvalidRequest(f"cannot count to {self.to}")

    def run(self, inputs: Inputs) -> Generator[Progress, Wish | None, Result]:
        counted = 0
        for n in range(self.to):
            checkpoint = b"at %d" % n if self.careful else None
            told = {"step": n, "total": self.to, "numbers": {"n": n}, "pictures": {"dot": b"%d" % n}}
            wish = yield Progress(phase="counting", note=f"{n} is fine", checkpoint=checkpoint, **told)
            time.sleep(self.pause)
            counted = n + 1
            if wish is Wish.STOP:
                break
        if self.mood == "diverges":
            raise TrainingDiverged("the loss is nan after 3 steps")
        if self.mood == "broken":
            raise ZeroDivisionError("division by zero")
        if self.mood == "deaf":
            time.sleep(60)
        return CountResult(total=counted + sum(len(c) for c in inputs.values()), squares=np.arange(counted) ** 2)


class CountsResult(Result):
    totals: dict[str, int]
    failed: dict[str, str]

    @property
    def scores(self) -> Any:
        return {"totals": self.totals, "failed": self.failed}

    @property
    def headline(self) -> str:
        return f"{len(self.totals)} counted"


class CountsRequest(Joint):
    """Several counts, each a run of its own."""

    bench = "spatial"
    result: ClassVar[type[Result]] = CountsResult
    kind: Literal["counts"] = "counts"
    counts: tuple[CountRequest, ...] = ()

    @property
    def title(self) -> str:
        return f"{len(self.counts)} counts"

    @property
    def parts(self) -> dict[str, Request]:
        return {f"to {count.to}": count for count in self.counts}

    def join(self, ended: Ended) -> Result:
        known = dict(ended)
        totals = {name: result.total for name, result in known.items() if isinstance(result, CountResult)}
        if not totals:
            raise RunFailed(f"none could be counted: {next(iter(known.values()))}")
        return CountsResult(totals=totals, failed={name: why for name, why in known.items() if isinstance(why, str)})
