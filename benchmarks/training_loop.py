"""Our training loop against the same model in a bare PyTorch loop: the straightening network, rounds taken in turn."""

from __future__ import annotations

import statistics
import time

import torch

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


def ours() -> float:
    model = untrained("similarity", 0)
    began = time.perf_counter()
    for _ in train(model, stream(), lambda _, batch: photometric_loss(model, batch), Plan(steps=STEPS)):
        pass
    return time.perf_counter() - began


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
    pairs = [(ours(), bare()) for _ in range(ROUNDS)]
    ratios = [first / second for first, second in pairs]
    return {
        "ours_ms_per_step": 1000 * statistics.median(first for first, _ in pairs) / STEPS,
        "bare_ms_per_step": 1000 * statistics.median(second for _, second in pairs) / STEPS,
        "ratio_median": statistics.median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
    }
