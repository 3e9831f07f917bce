"""How fast a machine is: a small, fixed piece of work like that of runs, beside its time where the presets were chosen.

It has the shapes of a straightening network and of an LSTM on windows of returns, and learns with neither. Measured is the
processor's time, which other work on the machine changes little, and the best of several.
"""

from __future__ import annotations

import time

REFERENCE_SECONDS = 0.125  # on the machine on which presets and `Kind.seconds` were chosen
REPEATS = 5  # the first of which also loads what the others find loaded
SIDE, PICTURES, STEPS = 48, 16, 4  # pixels, pictures a step, steps of the spatial network
WINDOW, WINDOWS, UNITS, LSTM_STEPS = 20, 256, 32, 12  # days, windows a step, units, steps of the recurrent one
WORTH_SAYING = 1.5  # times slower, from which a form says so


def slowness(seconds: float | None) -> float:
    """How many times slower a machine is than the reference, by what `measured` gave there; 1 where it was not measured."""
    return seconds / REFERENCE_SECONDS if seconds else 1.0


def worth_saying(slower: float, seconds: float) -> str:
    """What so many seconds of learning are worth on a machine that is so many times slower; nothing where it is not much."""
    if slower < WORTH_SAYING:
        return ""
    return (
        f"This machine is {slower:.1f} times slower than the one on which the times were chosen: {_time(seconds)} here are "
        f"worth {_time(seconds / slower)} there. For the same result choose a longer time."
    )


def _time(seconds: float) -> str:
    if seconds >= 120:
        return f"{seconds / 60:.0f} min"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def in_words(slower: float) -> str:
    """How fast a machine is, beside the one on which the times were chosen."""
    if slower > 1.1:
        return f"{slower:.1f} times slower than the machine on which the presets were chosen"
    if slower < 0.9:
        return f"{1 / slower:.1f} times faster than the machine on which the presets were chosen"
    return "as fast as the machine on which the presets were chosen"


def measured() -> float:
    """Seconds of the processor for the piece of work."""
    import torch  # here, so that the reference can be read without torch

    torch.manual_seed(0)
    return min(_once() for _ in range(REPEATS))


def _once() -> float:
    began = time.thread_time()
    _spatial_steps()
    _recurrent_steps()
    return time.thread_time() - began


def _spatial_steps() -> None:
    import torch
    from torch import nn
    from torch.nn.functional import affine_grid, grid_sample, mse_loss

    localisation = nn.Sequential(
        nn.Conv2d(3, 16, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(16, 32, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(32 * (SIDE // 4) ** 2, 6),
    )  # fmt: skip
    photos = torch.rand(PICTURES, 3, SIDE, SIDE)
    optimizer = torch.optim.AdamW(localisation.parameters())
    for _ in range(STEPS):
        theta = localisation(photos).view(-1, 2, 3)  # (B, 2, 3)
        straight = grid_sample(photos, affine_grid(theta, list(photos.shape), align_corners=False), align_corners=False)
        optimizer.zero_grad()
        mse_loss(straight, photos).backward()
        optimizer.step()


def _recurrent_steps() -> None:
    import torch
    from torch import nn

    lstm, head = nn.LSTM(1, UNITS, batch_first=True), nn.Linear(UNITS, 1)
    windows = torch.randn(WINDOWS, WINDOW, 1)
    optimizer = torch.optim.AdamW([*lstm.parameters(), *head.parameters()])
    for _ in range(LSTM_STEPS):
        optimizer.zero_grad()
        head(lstm(windows)[0][:, -1]).square().mean().backward()
        optimizer.step()
