"""The sections of the screen inside a network that need no run, through AppTest."""

from __future__ import annotations

import numpy as np
import pytest

from core.rnn.echo.request import EchoRequest
from core.rnn.memory.one_cell.cell import KINDS, OneCell
from core.runs.lab import Lab
from core.runs.work import Outcome
from tests.pages.conftest import OpenPage
from tests.rnn.echo.test_echo import of_lag

CELL = "Cell by hand"


def test_a_cell_answers_to_its_weights_in_the_url(open_page: OpenPage) -> None:
    app = open_page("memory", show=CELL, cell="RNN", x1="1", wh="0.5", uh="0", bh="0", step="1")
    assert not app.exception
    [formula] = [one.value for one in app.latex]
    assert f"{np.tanh(0.5):.3f}" in formula


@pytest.mark.parametrize("title", ["Vanilla RNN", "LSTM", "GRU"])
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


def finished(home: Lab, lag: int, **settings) -> str:
    """An echo of one lag that is done, of numbers by hand; its id."""
    found = of_lag(lag)
    run, _ = home.registry.claim(EchoRequest(lags=(lag,), **settings))
    home.keep(run.id, Outcome(1.0, found.to_bytes(), found.headline, found.scores))
    return run.id


def test_an_echo_that_nobody_has_trained_on_is_offered(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    from pages.parts.memory import echo

    monkeypatch.setattr(echo, "submit", lambda request, key: asked.append((request, key)))
    app = open_page("memory", show="Echo", lag="9")
    assert not app.exception
    next(one for one in app.button if one.label.startswith("Train")).click().run()
    assert asked == [(EchoRequest(lags=(9,)), "echo")]


def test_an_echo_that_was_trained_on_is_shown_at_once(open_page: OpenPage, home: Lab) -> None:
    finished(home, 14)
    app = open_page("memory", show="Echo", lag="14")
    assert not app.exception
    assert any("The LSTM \\(60 %\\) and the GRU \\(60 %\\) learned it" in one.value for one in app.markdown)
    assert not [one for one in app.button if one.label.startswith("Train")]
    app.slider(key="lag").set_value(8).run()
    assert [one for one in app.button if one.label.startswith("Train")]


def test_all_lags_with_the_same_settings_are_one_figure(open_page: OpenPage, home: Lab) -> None:
    finished(home, 7)
    assert not open_page("memory", show="Echo", lag="7").subheader
    finished(home, 14, strength=0.5)
    assert not open_page("memory", show="Echo", lag="7").subheader
    finished(home, 14)
    assert open_page("memory", show="Echo", lag="7").subheader[0].value == "As k grows"
