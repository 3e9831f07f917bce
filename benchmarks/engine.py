"""The engine, warm: submit to first progress, cancel, and opening a stored run."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from core.runs.engine import connect
from core.runs.lab import Lab
from core.runs.registry import State
from core.settings import Settings
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.straighten.request import StraightenRequest

ROUNDS = 7


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        lab = Lab.open(Settings(home=Path(home)))
        engine = connect(lab, None, workers=2, memory="2GiB")
        digest = lab.store.put(to_png(sample("astronaut").pixels))

        def request(seed: int, budget: float = 60) -> StraightenRequest:
            return StraightenRequest(images=(digest,), names=("astronaut",), seed=seed, budget=budget)

        begins, stops = [], []
        for seed in range(ROUNDS):
            began = time.perf_counter()
            run = engine.submit(request(seed))
            while not lab.registry.numbers(run.id):
                time.sleep(0.002)
            begins.append(time.perf_counter() - began)
            task = engine._futures[engine._tasks[run.id]]
            began = time.perf_counter()
            engine.cancel(run.id)
            while not task.done():
                time.sleep(0.002)
            stops.append(time.perf_counter() - began)
        run = engine.submit(request(99, budget=3))
        while (now := lab.look(run.id)) is None or now.state is not State.DONE:
            time.sleep(0.05)
        opens = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            lab.result(lab.registry.find(run.id))
            opens.append(time.perf_counter() - began)
        engine.close()
        lab.registry.close()
    return {
        "submit_to_first_progress_s": statistics.median(begins[1:]),
        "cancel_s": statistics.median(stops),
        "open_stored_run_s": statistics.median(opens),
    }
