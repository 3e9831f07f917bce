"""Terms in sentences are links to what they mean."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from core.glossary import TERMS, Bench
from pages.parts.plain_text import plain
from pages.parts.words.glossary import LEADS, with_meanings


def links(text: str) -> list[tuple[str, str]]:
    """Words and titles of what leads to a meaning, as CommonMark reads the text."""
    [inline] = [token for token in MarkdownIt().parse(text) if token.type == "inline"]
    parts = inline.children or []
    return [
        (parts[number + 1].content, str(part.attrs["title"]))
        for number, part in enumerate(parts)
        if part.type == "link_open" and part.attrs["href"] == LEADS
    ]


def test_a_term_is_a_link_once_and_in_the_headline_only_where_no_text_below_has_it() -> None:
    said, [first, second] = with_meanings("HAR beats the AR", ["An AR has skill.", "The skill of a GRU."], "recurrent")
    assert [word for word, _ in links(said)] == ["HAR"]
    assert [word for word, _ in links(first)] == ["AR", "skill"]
    assert links(second) == [("GRU", TERMS["recurrent"]["GRU"])]


@pytest.mark.parametrize("bench", ["spatial", "recurrent"])
def test_every_meaning_reaches_the_reader_word_for_word(bench: Bench) -> None:
    for term, meaning in TERMS[bench].items():
        written = "p < 0.05" if term == "p" else plain(term)
        _, [said] = with_meanings("", [f"It is {written}."], bench)
        assert links(said) == [(term, meaning)]


def test_other_words_stay_as_they_are() -> None:
    text = "Of 3 photos `p = 1` and $p < 2$; [skill](https://example.org)"
    assert with_meanings(text, [text], "recurrent") == (text, [text])
