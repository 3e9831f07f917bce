"""What checkpoints cost: the share of a run's processor time that goes into making and keeping them, in one run each."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.checkpoints.checkpoint import Checkpoint
from core.runs.lab import Lab
from core.runs.request import Request
from core.settings import Settings
from core.stn.classify.request import ClassifyRequest
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.straighten.request import StraightenRequest

SECONDS = 30.0


class Spent:
    """Processor seconds inside some methods, how often they gave or were given a checkpoint, and its bytes."""

    def __init__(self) -> None:
        self.seconds, self.sizes = 0.0, list[int]()

    @contextmanager
    def inside(self, owner: type, name: str) -> Iterator[None]:
        method: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any) -> Any:
            began = time.process_time()
            try:
                answer = method(*args)
            finally:
                self.seconds += time.process_time() - began
            if isinstance(answer, bytes):
                self.sizes.append(len(answer))
            return answer

        setattr(owner, name, timed)
        try:
            yield
        finally:
            setattr(owner, name, method)


def cost_of(lab: Lab, request: Request) -> dict[str, float]:
    spent, began = Spent(), time.process_time()
    with spent.inside(Checkpoint, "made"), spent.inside(Lab, "_keep_checkpoint"):
        for _ in lab.iterate(request):
            pass
    whole = time.process_time() - began
    largest = max(spent.sizes, default=0) / 1e6
    return {"share": spent.seconds / whole, "checkpoints": len(spent.sizes), "largest_mb": largest, "seconds": whole}


def measure() -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab.open(Settings(home=Path(folder)))
        photo = lab.store.put(to_png(sample("coins").pixels))
        found = {
            "straighten": cost_of(lab, StraightenRequest(images=(photo,), names=("coins",), budget=SECONDS)),
            "classify": cost_of(lab, ClassifyRequest(digits="shipped", models=("fcn", "cnn", "st-cnn"), budget=SECONDS / 3)),
        }
        lab.registry.close()
    return found
