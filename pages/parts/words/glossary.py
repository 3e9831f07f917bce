"""What the words of a text or of a table's headings mean, folded away beside them: opened by click, touch or keyboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from core.glossary import Bench, terms_in
from pages.parts import controls
from pages.parts.plain_text import plain


def glossary(texts: Iterable[str], bench: Bench, key: str) -> None:
    """The terms of a bench that these texts use; nothing where there are none."""
    _fold("Terms", terms_in(texts, bench), key)


def headings_explained(meanings: Mapping[str, str], key: str | None) -> None:
    """What the columns of a table hold, which else only a mouse over a heading shows."""
    _fold("What the columns mean", meanings, key)


def _fold(label: str, meanings: Mapping[str, str], key: str | None) -> None:
    if meanings:
        with (
            controls.area("explanations"),
            st.popover(label, icon=":material/dictionary:", type="tertiary", key=f"words-{key}" if key else None),
        ):
            st.markdown("  \n".join(f"**{plain(term)}**: {plain(meaning)}" for term, meaning in meanings.items()))
