from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runs.visitors.visitor import (
    COMMAND_LINE,
    LAB,
    LONGEST_NAME,
    PINNED,
    clean_name,
    id_of,
    id_of_person,
    is_token,
    new_token,
    usual_name,
)  # fmt: skip


def test_an_id_gives_its_token_away_to_nobody_and_is_never_one_of_the_labs_own() -> None:
    token = new_token()
    assert is_token(token)
    assert id_of(token) == id_of(token) != id_of(new_token())
    assert token not in id_of(token)
    assert len(id_of(token)) == 20
    assert set(id_of(token)) <= set("0123456789abcdef")
    assert not {LAB, PINNED, COMMAND_LINE} & {id_of(LAB), id_of(PINNED), id_of(COMMAND_LINE)}


def test_who_sends_the_id_of_another_as_their_token_is_somebody_else() -> None:
    other = id_of(new_token())
    assert not is_token(other)  # too short
    assert id_of(other) != other


def test_persons_of_two_issuers_are_two_and_their_parts_cannot_be_shifted() -> None:
    assert len({id_of_person("a", "bc"), id_of_person("ab", "c"), id_of_person("x", "bc"), id_of("a\0bc")}) == 4


def test_a_visitor_without_a_name_is_a_guest_with_four_digits() -> None:
    name = usual_name(id_of(new_token()))
    assert name.startswith("Guest ")
    assert len(name.removeprefix("Guest ")) == 4


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("two\nlines", "two lines"),
        ("\u202eevil\u202c", "evil"),
        ("the lecturer", ""),
        ("The  Command\tLine", ""),
        ("ＬＡＢ", "LAB"),
        ("", ""),
        ("x" * 99, "x" * LONGEST_NAME),
        ("<b>*Ada*</b>", "<b>*Ada*</b>"),  # kept as it is; what shows it escapes it
    ],
)
def test_a_name_is_one_line_of_visible_characters(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@given(st.text())
def test_cleaning_a_name_twice_changes_nothing_more(text: str) -> None:
    name = clean_name(text)
    assert clean_name(name) == name
    assert len(name) <= LONGEST_NAME
    assert name.isprintable()
