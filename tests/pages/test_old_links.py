"""Links of earlier versions open what they opened then, and a network has one name wherever it is chosen."""

from __future__ import annotations

import pytest

from core.rnn.models import NETWORKS
from pages.parts.links.old_links import NETWORKS as RENAMED
from pages.parts.links.old_links import renewed
from pages.parts.rnn.compare_form import BOTH_WAYS, FORWARDS
from tests.pages.conftest import OpenPage


def test_a_network_is_called_in_a_form_as_it_is_in_words() -> None:
    assert list(FORWARDS | BOTH_WAYS) == [
        *(model.capitalised_title for model in NETWORKS.values() if not model.reads_backwards),
        *(model.capitalised_title for model in NETWORKS.values() if model.reads_backwards),
    ]
    assert set(RENAMED.values()) <= {model.capitalised_title for model in NETWORKS.values()}


@pytest.mark.parametrize(
    ("before", "today"),
    [
        ({"cells": ["RNN", "GRU"], "both": ["BiRNN"]}, {"cells": ["Vanilla RNN", "GRU"], "both": ["Bidirectional RNN"]}),
        ({"network": ["Feed-forward"], "view": ["Gates"]}, {"network": ["Feed-forward network"], "show": ["Gates"]}),
        ({"show": ["grid", "outside"], "find": ["RNN"]}, {"marks": ["grid", "outside"], "find": ["RNN"]}),
        ({"cells": ["LSTM"]}, {"cells": ["LSTM"]}),
    ],
    ids=["variants", "network", "marks", "today"],
)
def test_an_old_address_has_the_names_of_today(before: dict[str, list[str]], today: dict[str, list[str]]) -> None:
    assert renewed(before) == today


def test_an_old_link_chooses_its_network(open_page: OpenPage) -> None:
    app = open_page("rnn", cells="RNN", both="")
    assert not app.exception
    assert app.button_group(key="cells").value == ["Vanilla RNN"]
