"""Sheets that the lab draws for the network for pages, scans of them, and what the training shows it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.stn.geometry.theta import compose, rotation_deg
from core.stn.straighten.baseline.deskew import lines_in
from core.stn.straighten.pages.making import scans, training
from core.stn.straighten.pages.making.layouts import LAYOUTS, SHORT, sheet
from core.stn.straighten.pages.making.scans import scan
from core.stn.straighten.pages.network import canvas_of, through, views

TEXT = LAYOUTS[1]


def in_colour(grey: np.ndarray) -> np.ndarray:
    return np.repeat(grey[..., None], 3, axis=2)


def test_sheets_of_every_layout_have_ink_and_equal_seeds_draw_equal_ones() -> None:
    for layout in LAYOUTS:
        drawn = sheet(np.random.default_rng(3), layout)
        assert min(drawn.shape) == SHORT
        assert (drawn < drawn.max() - 60).mean() > 0.001
    assert np.array_equal(sheet(np.random.default_rng(4)), sheet(np.random.default_rng(4)))


def test_a_sheet_is_level_and_a_scan_is_turned_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for share in ("IN_PERSPECTIVE", "ON_TABLE", "CROPPED", "BORDERED", "SHADED", "SHADOWED", "BINARY", "INVERTED", "SLIGHTLY"):
        monkeypatch.setattr(scans, share, 0.0)
    random = np.random.default_rng(5)
    drawn = sheet(random, TEXT)
    inked = np.flatnonzero((drawn < 200).any(axis=1))
    assert 1 - len(inked) / np.ptp(inked) > 0.08  # rows without ink between the lines
    made = scan(drawn, random, 620)
    assert abs(made.angle_deg) > 5
    assert lines_in(in_colour(made.pixels), 45).angle_deg == pytest.approx(made.angle_deg, abs=0.6)


def test_the_target_of_a_view_makes_its_page_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "FIRST_SCANS", 2)
    stream = training.Stream(0)
    seen, level = next(iter(stream))
    assert seen.shape == (training.BATCH, 1, 192, 192)
    assert level.shape == (training.BATCH, 2, 3)
    canvas = canvas_of(sheet(np.random.default_rng(6), TEXT))[None, None]
    start, back = through(torch.tensor([25.0]), torch.ones(1)), through(torch.tensor([-25.0]), torch.ones(1))
    assert rotation_deg(compose(start, back)).item() == pytest.approx(0, abs=1e-4)
    turned, again = views(canvas, start), views(canvas, compose(start, back))
    assert (again - views(canvas, through(torch.zeros(1), torch.ones(1)))).abs().max() < 1e-3
    assert lines_in(in_colour((128 + 40 * turned[0, 0].clamp(-3, 3)).to(torch.uint8).numpy()), 45).angle_deg == pytest.approx(
        25, abs=0.5
    )
