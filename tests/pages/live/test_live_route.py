from __future__ import annotations

import gzip
import json
from importlib.resources import files

import pytest
from starlette.applications import Starlette

from core.projector import LARGER
from core.runs.lab import Lab
from core.runs.live.blocks import Look
from core.runs.request import Progress
from core.stn.straighten.request import StraightenRequest
from core.theme import PALETTES
from pages.parts.live.figures import HEIGHT
from pages.parts.live.viewer import look_in, query_of
from pages.parts.routes import live
from pages.parts.routes.table import routes
from tests.pages.asgi import Answer, ask

LOOKS = [Look(mode, projector) for mode in PALETTES for projector in (False, True)]


def get(path: str, **headers: str) -> Answer:
    return ask(Starlette(routes=routes()), path, headers=headers)


def learning(home: Lab) -> str:
    """A run that has reported one loss."""
    run, _ = home.registry.claim(StraightenRequest(images=("0" * 64,), names=("coins",)))
    home.registry.start(run.id)
    home.registry.progress(run.id, Progress(phase="training", step=1, total=4, numbers={"loss": 0.5}))
    return run.id


def test_a_run_that_is_not_here_is_not_found(home: Lab) -> None:
    assert get("/api/live?run=0000000000000000").status == 404


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_view_has_the_look_that_is_asked_for(home: Lab, look: Look) -> None:
    run = learning(home)
    assert look_in(query_of(run, look)) == look
    asked = f"/api/live?run={run}&mode={look.mode}&projector={int(look.projector)}&once=1"
    [loss] = [block for block in json.loads(get(asked).body)["blocks"].values() if block["alt"] == "Training loss so far"]
    assert loss["plotly"]["layout"]["font"]["color"] == PALETTES[look.mode].ink
    assert loss["height"] == round(HEIGHT * (LARGER if look.projector else 1))


def test_the_stream_of_a_run_that_has_ended_says_so_and_closes(home: Lab) -> None:
    run = learning(home)
    home.cancel(run)
    answer = get(f"/api/live?run={run}")
    assert answer.headers[b"content-type"].startswith(b"text/event-stream")
    [event] = [line for line in answer.text.splitlines() if line.startswith("data: ")]
    assert json.loads(event.removeprefix("data: "))["head"]["ended"]
    assert live.broadcasts().listeners == 0


def test_too_many_listeners_are_asked_to_come_again(home: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_LISTENERS", 0)
    answer = get(f"/api/live?run={learning(home)}")
    assert (answer.status, answer.headers[b"retry-after"]) == (503, b"5")


def test_plotly_is_the_installed_packages_own_and_kept_by_browsers() -> None:
    own = (files("plotly") / "package_data" / "plotly.min.js").read_bytes()
    packed, plain = get("/api/plotly.js?version=7", **{"accept-encoding": "gzip"}), get("/api/plotly.js?version=7")
    assert packed.headers[b"content-encoding"] == b"gzip"
    assert gzip.decompress(packed.body) == plain.body == own
    assert b"immutable" in packed.headers[b"cache-control"]
