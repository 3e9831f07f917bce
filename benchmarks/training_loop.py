"""Our training loop against the same model in a bare PyTorch loop: the straightening network, rounds taken in turn.

After its steps our loop settles the statistics of batch normalisations over further batches, once: measured apart.
"""

from __future__ import annotations

import statistics
import time

import torch

from core.drive import returned
from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.samples import sample
from core.stn.straighten.run import BATCH, untrained
from core.stn.straighten.self_supervision import batches, photometric_loss
from core.training import Plan, train

STEPS, ROUNDS = 60, 7


def stream():
    canvases = canvases_of([sample("astronaut").pixels])
    return batches(canvases, Distortions(45.0), BATCH, torch.Generator().manual_seed(0))


def ours() -> tuple[float, float]:
    """Seconds of the steps, and of all."""
    model = untrained("similarity", 0)
    began = time.perf_counter()
    history = returned(train(model, stream(), lambda _, batch: photometric_loss(model, batch), Plan(steps=STEPS)))
    return history.seconds, time.perf_counter() - began


def bare() -> float:
    model = untrained("similarity", 0).train()
    began = time.perf_counter()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=STEPS, pct_start=0.05)
    for _, batch in zip(range(STEPS), stream(), strict=False):
        optimizer.zero_grad()
        loss = photometric_loss(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return time.perf_counter() - began


def measure() -> dict[str, float]:
    rounds = [(*ours(), bare()) for _ in range(ROUNDS)]
    ratios = [steps / other for steps, _, other in rounds]
    return {
        "ours_ms_per_step": 1000 * statistics.median(steps for steps, _, _ in rounds) / STEPS,
        "bare_ms_per_step": 1000 * statistics.median(other for *_, other in rounds) / STEPS,
        "settling_s": statistics.median(whole - steps for steps, whole, _ in rounds),
        "ratio_median": statistics.median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
    }
