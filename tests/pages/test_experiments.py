"""What `pages/parts/experiments` promises, of every experiment in its table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.runs.request import experiment as request_class
from pages.parts.experiments import EXPERIMENTS
from tests.pages.conftest import PAGES, OpenPage

KINDS = pytest.mark.parametrize("kind", EXPERIMENTS)
FOLDER = PAGES / "parts" / "experiments"


def keys_in(path: Path) -> set[str]:
    return set(re.findall(r'key="(\w+)"', path.read_text()))


@KINDS
def test_an_experiment_is_filed_under_the_kind_of_a_spatial_request(kind: str) -> None:
    assert EXPERIMENTS[kind].kind == kind
    assert request_class(kind).bench == "spatial"
    assert (FOLDER / f"{kind}.py").exists()


def test_every_experiment_has_a_word_and_a_promise_of_its_own() -> None:
    assert len({experiment.title for experiment in EXPERIMENTS.values()}) == len(EXPERIMENTS)
    assert len({experiment.promise for experiment in EXPERIMENTS.values()}) == len(EXPERIMENTS)


@KINDS
def test_an_experiment_opens_by_its_word_in_the_address(open_page: OpenPage, kind: str) -> None:
    experiment = EXPERIMENTS[kind]
    app = open_page("stn", experiment=experiment.title)
    assert not app.exception
    assert [error.value for error in app.error] == []
    shown = [markdown.value for markdown in app.markdown]
    assert experiment.promise in shown
    assert experiment.explanation in shown
    assert [button.label for button in app.sidebar.button if button.proto.type == "primary"] == [experiment.button]


@KINDS
def test_no_experiment_takes_the_widget_keys_of_another(kind: str) -> None:
    others = set().union(*(keys_in(FOLDER / f"{other}.py") for other in EXPERIMENTS if other != kind))
    assert keys_in(FOLDER / f"{kind}.py") & others == set()


def test_an_unknown_word_opens_the_first_experiment(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Juggle")
    assert not app.exception
    assert next(iter(EXPERIMENTS.values())).promise in [markdown.value for markdown in app.markdown]


def test_the_address_sets_what_straighten_asks(open_page: OpenPage) -> None:
    app = open_page("stn", preset="1 min", angle="90", family="affine", samples="coins")
    assert not app.exception
    assert app.slider(key="angle").value == 90
    assert [app.button_group(key=key).value for key in ("preset", "family", "samples")] == ["1 min", "affine", ["coins"]]
    assert app.button_group(key="experiment").value == EXPERIMENTS["rectify"].title
