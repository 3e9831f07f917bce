"""Terms in sentences, as links that open what they mean, there where they stand: by click, touch or keyboard."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.glossary import TERMS, Bench, places_of_terms

LEADS = "#meaning"  # what links of terms lead to; the browser opens their title instead

_component = st.components.v2.component(
    "gridcast_meanings", js=Path(__file__).with_name("meanings.js").read_text(encoding="utf-8")
)


def open_meanings() -> None:
    """Draw nothing, and let a term that is chosen open what it means."""
    _component(key="meanings", width="content", height="content")


def explained(text: str, bench: Bench) -> str:
    """A text, Markdown, in which each term is a link where it stands first."""
    return _linked(text, bench, set())


def with_meanings(headline: str, texts: list[str], bench: Bench) -> tuple[str, list[str]]:
    """A headline and the texts below it, all Markdown; each term is a link once: where a text has it first, or in the headline
    where no other has it."""
    linked: set[str] = set()
    below = [_linked(text, bench, linked) for text in texts]
    return _linked(headline, bench, linked), below


def _linked(text: str, bench: Bench, linked: set[str]) -> str:
    parts, end = [], 0
    for place, term in places_of_terms(text, bench):
        if term not in linked:
            linked.add(term)
            meaning = TERMS[bench][term].replace("\\", r"\\").replace('"', r"\"")
            parts += [text[end : place.start], f'[{text[place]}]({LEADS} "{meaning}")']
            end = place.stop
    return "".join([*parts, text[end:]])
