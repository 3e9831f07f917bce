"""Photos to learn from that do not stand upright themselves: a network would learn to lay others beside them.

A page is known by its lines. Other photos are known by photos of the same kind: each is compared at quarter turns with the mean
of the others. Of a single photo, and of photos that are unlike each other, nobody can say it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core.made_once import made_once
from core.stn.datasets.canvas import canvases_of
from core.stn.geometry.pixels import shrunk
from core.stn.straighten.baseline.deskew import FEWEST_LINES, is_page, is_written, lines_of
from core.stn.straighten.looking.familiar import contents
from core.stn.straighten.looking.looks import around, times
from core.stn.straighten.looking.view import views

MOST_PHOTOS = 100  # are looked at: some tenths of a second
MOST_PAGES = 10
FEWEST_PHOTOS = 5  # of a kind
ROUNDS = 3  # of turning the photos and taking the mean anew
ALIKE, CLEARLY = 0.4, 0.2  # correlations with the mean of the others: so high, and so much higher than as the photo is
UPRIGHT = 0.75  # share of the photos that must be most like the others as they are
SIDE = 192  # pixels of the longest side: more than the network reads
_WORDS = (
    "",
    "lie on its side, turned clockwise",
    "stand on its head",
    "lie on its side, turned counter-clockwise",
)  # by quarters


@made_once
def lines_run_down(picture: np.ndarray) -> bool:
    """Whether a picture (H, W, 3), uint8, is a page whose lines run from top to bottom."""
    turned = np.ascontiguousarray(np.rot90(picture))
    return is_page(turned) and not is_page(picture) and lines_of(turned) >= FEWEST_LINES and is_written(turned)


@torch.inference_mode()
def quarters_of(photos: Sequence[np.ndarray]) -> list[int]:
    """By how many quarters each photo seems to have been turned clockwise: where it is looked at through as many quarters
    counter-clockwise, it looks most like the others. 0 where that is not clear, or where most photos are not alike.
    """
    count, canvases = len(photos), canvases_of([shrunk(photo, SIDE) for photo in photos])
    shown = contents(views(times(canvases, 4), around(4).repeat(count, 1, 1))).unflatten(0, (count, 4))  # (N, 4, pixels)
    quarters = torch.zeros(count, dtype=torch.long)
    for _ in range(ROUNDS):
        best = shown[torch.arange(count), quarters]
        others = best.sum(0) - best
        alike = torch.einsum("nqp,np->nq", shown, others / others.norm(dim=1, keepdim=True).clamp(min=1e-6))
        quarters = alike.argmax(1)
    highest = alike.amax(1)
    of_a_kind = highest.median() >= ALIKE and (quarters == 0).float().mean() >= UPRIGHT
    clear = (highest >= ALIKE) & (highest - alike[:, 0] >= CLEARLY)
    return torch.where(clear & of_a_kind, quarters, torch.zeros_like(quarters)).tolist()


def not_upright(photos: Sequence[np.ndarray], names: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each photo to learn from that seems not to stand upright."""
    photos, names = photos[:MOST_PHOTOS], names[:MOST_PHOTOS]
    down = [name for name, photo in zip(names, photos[:MOST_PAGES], strict=False) if lines_run_down(photo)]
    pages = tuple(f"{name} seems to lie on its side: its lines run from top to bottom" for name in down)
    if len(photos) < FEWEST_PHOTOS:
        return pages
    turned = [(name, quarters) for name, quarters in zip(names, quarters_of(photos), strict=True) if quarters]
    return pages + tuple(f"{name} seems to {_WORDS[quarters]}" for name, quarters in turned if name not in down)
