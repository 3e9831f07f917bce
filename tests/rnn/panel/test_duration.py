"""The estimated time of a panel follows what it trains, and the processors it has."""

from __future__ import annotations

import pytest

from core.rnn.panel.duration import networks_in, seconds_of
from core.rnn.panel.learner.request import LearnerRequest
from core.rnn.panel.models import panel_model
from core.rnn.panel.request import PanelRequest
from tests.rnn.panel.panels import data_of, files


def request_of(**settings: object) -> PanelRequest:
    return PanelRequest(data=data_of(files()), **settings)


def test_two_processors_take_half_the_time() -> None:
    assert seconds_of(request_of(), 2) == pytest.approx(seconds_of(request_of(), 1) / 2)


@pytest.mark.parametrize(
    "more", [{"recipes": "nine"}, {"unseen": True}, {"per_ticker": ("gru",)}, {"seeds": 6}, {"classical": ("har", "garch")}]
)
def test_what_is_asked_beside_takes_time(more: dict[str, object]) -> None:
    assert seconds_of(request_of(**({"classical": ("har",)} | more)), 1) > seconds_of(request_of(classical=("har",)), 1)


def test_networks_are_counted_as_its_parts_train_them() -> None:
    request = request_of(recipes="nine", unseen=True, per_ticker=("gru", "lstm"), seeds=2)
    trained = 0
    for part in request.parts.values():
        assert isinstance(part, LearnerRequest)
        rows = [panel_model(name) for name in part.models if panel_model(name).has_seeds]
        trained += len(part.seeds) * sum(1 if row.pooled else len(part.symbols) for row in rows)
    assert networks_in(request) == trained
