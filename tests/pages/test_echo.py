"""The screen of a finished echo through AppTest."""

from __future__ import annotations

from core.rnn.echo.request import EchoRequest
from core.runs.lab import Lab
from core.runs.work import Outcome
from tests.pages.conftest import OpenPage
from tests.rnn.echo.test_echo import result


def test_an_echo_is_shown_with_who_learned_it(open_page: OpenPage, home: Lab) -> None:
    found = result()
    run, _ = home.registry.claim(EchoRequest(lags=(1, 7, 14), cells=("rnn", "lstm", "gru")))
    home.keep(run.id, Outcome(1.0, found.to_bytes(), found.headline, found.scores))
    app = open_page("run", run=run.id)
    assert not app.exception
    assert any("vanilla RNN up to 7 days" in one.value for one in app.markdown)
