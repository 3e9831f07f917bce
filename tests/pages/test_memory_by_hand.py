"""The sections of the screen inside a network that need no run, through AppTest."""

from __future__ import annotations

import numpy as np
import pytest

from core.rnn.memory.one_cell.cell import KINDS, OneCell
from tests.pages.conftest import OpenPage

CELL = "Cell by hand"


def test_a_cell_answers_to_its_weights_in_the_url(open_page: OpenPage) -> None:
    app = open_page("memory", show=CELL, cell="RNN", x1="1", wh="0.5", uh="0", bh="0", step="1")
    assert not app.exception
    [formula] = [one.value for one in app.latex]
    assert f"{np.tanh(0.5):.3f}" in formula


@pytest.mark.parametrize("title", ["RNN", "LSTM", "GRU"])
def test_a_preset_sets_every_slider(open_page: OpenPage, title: str) -> None:
    app = open_page("memory", show=CELL, cell=title)
    app.button[0].click().run()
    assert not app.exception
    kind = next(kind for kind in KINDS.values() if kind.presets["Forget at once"].about in [one.value for one in app.markdown])
    preset = kind.presets["Forget at once"]
    sliders = {one.key: one.value for one in app.slider}
    assert {name: sliders[name] for name in kind.names} == {name: preset.weights.get(name, 0.0) for name in kind.names}
    name = next(name for name, row in KINDS.items() if row is kind)
    h = OneCell(name, preset.weights).read(np.array(preset.inputs))["h"][1]
    assert f"{h:.3f}".replace("-0.000", "0.000") in app.latex[-1].value
