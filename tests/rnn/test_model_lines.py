from __future__ import annotations

from itertools import combinations
from typing import get_args

import numpy as np
import pytest

from core.lines import Line, Mode
from core.rnn.models import CLASSICAL, LINES, NETWORKS, TITLES
from core.theme import PALETTES

# how linear RGB looks to eyes without green (deuteranopia), without red (protanopia) cones (Viénot, Brettel & Mollon 1999)
BLIND = {
    "deuteranopia": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
    "protanopia": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
}
MODES: tuple[Mode, ...] = get_args(Mode)
APART = 10.0  # ΔE*ab; 2.3 can just be told apart side by side


def linear(colour: str) -> np.ndarray:
    """Linear RGB of "#RRGGBB"."""
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB, D65."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb.clip(0, 1)
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def look_alike(one: Line, other: Line, mode: Mode, eyes: str) -> bool:
    first, second = (lab(np.array(BLIND[eyes]) @ linear(line.colour(mode))) for line in (one, other))
    return float(np.linalg.norm(first - second)) < APART


def test_every_model_has_a_line_under_its_own_name() -> None:
    assert {name: LINES[name].name for name in TITLES} == TITLES


@pytest.mark.parametrize("eyes", BLIND)
@pytest.mark.parametrize("mode", MODES)
def test_lines_that_look_alike_to_colour_blind_eyes_differ_in_dash(mode: Mode, eyes: str) -> None:
    alike = [
        (one, other)
        for one, other in combinations(TITLES, 2)
        if look_alike(LINES[one], LINES[other], mode, eyes) and LINES[one].dash == LINES[other].dash
    ]
    assert not alike


def test_no_two_models_have_the_same_marker() -> None:
    symbols = [LINES[name].symbol for name in TITLES]
    assert len(set(symbols)) == len(symbols)


def test_whole_lines_are_networks_and_no_classical_model_has_one() -> None:
    assert not [name for name in CLASSICAL if LINES[name].dash == "solid"]
    assert {LINES[name].dash for name in NETWORKS} == {"solid", "dash", "dashdot"}


@pytest.mark.parametrize("mode", MODES)
def test_every_line_stands_out_from_the_paper(mode: Mode) -> None:
    paper = linear(PALETTES[mode].paper) @ [0.2126, 0.7152, 0.0722]
    for name in TITLES:
        ink = linear(LINES[name].colour(mode)) @ [0.2126, 0.7152, 0.0722]
        lighter, darker = max(ink, paper), min(ink, paper)
        assert (lighter + 0.05) / (darker + 0.05) > 1.9, name
