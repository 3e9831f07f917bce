"""Runs that an address names by their whole id or the beginning of it."""

from __future__ import annotations

from collections import Counter

import pytest

from core.runs.lab import Lab
from pages.parts.examples import ids_by_name, named, shipped_ids
from tests.pages.conftest import OpenPage

GONE = "There is no run with this id here"


def opens(open_page: OpenPage, name: str) -> bool:
    return not any(GONE in one.value for one in open_page("run", id=name).markdown)


def test_the_beginning_of_an_id_as_lists_show_it_opens_its_run(open_page: OpenPage, home: Lab) -> None:
    whole = ids_by_name()["4-align"]
    assert opens(open_page, whole[:8])
    assert not opens(open_page, whole[:7])  # so few could be tried one after the other
    assert not opens(open_page, f"{whole[:7]}%")
    app = open_page("beside", runs=f"{whole[:10]},{ids_by_name()['5-locate']},{whole}")
    assert not app.exception
    assert not any("Not here" in one.value for one in app.warning)


@pytest.mark.usefixtures("home")
def test_a_beginning_that_several_runs_have_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.parts.examples.BEGINNING", 1)
    counts = Counter(run_id[0] for run_id in shipped_ids())
    assert {letter: named(letter) is None for letter in counts} == {letter: count > 1 for letter, count in counts.items()}
