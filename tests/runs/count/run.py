from __future__ import annotations

import os
import signal
import time
from collections.abc import Generator

import numpy as np

from core.checkpoints.checkpoint import part
from core.errors import InvalidRequest, TrainingDiverged
from core.runs.request import Inputs, Progress, Wish
from core.runs.result import Result
from tests.runs.count.request import CountRequest
from tests.runs.count.result import CountResult


def check(request: CountRequest, inputs: Inputs) -> None:
    if request.to < 0:
        raise InvalidRequest(f"cannot count to {request.to}")


def run(request: CountRequest, inputs: Inputs) -> Generator[Progress, Wish | None, Result]:
    if request.mood == "learns":
        from tests.runs.count.learning import learned  # here, because it brings torch

        return (yield from learned(request))
    counted = 0
    if request.careful:
        own = part()
        counted = own.saved or 0
        own.keep(lambda: counted)
    for n in range(counted, request.to):
        report = {"step": n, "total": request.to, "numbers": {"n": n}, "pictures": {"dot": b"%d" % n}}
        wish = yield Progress(phase="counting", note=f"{n} is fine", **report)
        time.sleep(request.pause)
        counted = n + 1
        if wish is Wish.STOP:
            break
    if request.mood == "diverges":
        raise TrainingDiverged("the loss is nan after 3 steps")
    if request.mood == "broken":
        raise ZeroDivisionError("division by zero")
    if request.mood == "lost":
        raise FileNotFoundError(2, "No such file or directory", "/home/ann/secret")
    if request.mood == "greedy":
        taken = []
        for _ in range(400):  # 10 MB each, slowly enough for the nanny to see it
            taken.append(b"x" * 10_000_000)
            time.sleep(0.02)
    if request.mood == "fatal":
        os.kill(os.getpid(), signal.SIGKILL)
    if request.mood == "deaf":
        time.sleep(60)
    return CountResult(total=counted + sum(len(c) for c in inputs.values()), squares=np.arange(counted) ** 2)
