"""docs/API.md is made of docstrings, and their examples are true."""

from __future__ import annotations

import doctest

import pytest

from docs.api import PAGE, PUBLIC, named, page

PLACES = [place for places in PUBLIC.values() for place in places]


def examples_of(place: str) -> list[doctest.DocTest]:
    """The examples in the docstring of what is named, not in those of its parts."""
    return [one for one in doctest.DocTestFinder(recurse=False).find(named(place), place, globs={}) if one.examples]


def test_the_page_says_what_the_docstrings_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m docs.api writes it anew"


@pytest.mark.parametrize("place", [place for place in PLACES if examples_of(place)])
def test_an_example_is_true(place: str) -> None:
    [test] = examples_of(place)
    said: list[str] = []
    assert doctest.DocTestRunner().run(test, out=said.append).failed == 0, "".join(said)


def test_both_benches_have_examples() -> None:
    with_one = {place for place in PLACES if examples_of(place)}
    assert {"core.stn:SpatialTransformer", "core.stn:warp", "core.rnn:compare", "core.runs.request:key_of"} <= with_one
