from __future__ import annotations

import pytest

from core.stn.drawing.losses import loss_curve
from core.theme import PALETTES, Mode


@pytest.mark.parametrize(("logarithmic", "kind"), [(True, "log"), (False, None)])
def test_loss_curve_shows_every_step_on_the_scale_that_is_asked_for(logarithmic: bool, kind: str | None) -> None:
    drawn = loss_curve([10, 20], [0.5, 0.25], "photometric loss", logarithmic=logarithmic)
    assert (list(drawn.data[0].x), list(drawn.data[0].y)) == ([10, 20], [0.5, 0.25])
    assert (drawn.layout.xaxis.title.text, drawn.layout.yaxis.title.text) == ("training step", "photometric loss")
    assert drawn.layout.yaxis.type == kind


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_loss_curve_wears_the_colour_of_the_mode(mode: Mode) -> None:
    assert loss_curve([1], [1.0], "loss", mode).data[0].line.color == PALETTES[mode].spatial
