"""What the headings of a table mean, folded away below it: opened by click, touch or keyboard."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.parts import controls
from pages.parts.plain_text import plain


def headings_explained(meanings: Mapping[str, str], key: str | None) -> None:
    """What the columns of a table hold, which else only a mouse over a heading shows."""
    if meanings:
        label, key = "What the columns mean", f"words-{key}" if key else None
        with controls.area("explanations"), st.popover(label, icon=":material/dictionary:", type="tertiary", key=key):
            st.markdown("  \n".join(f"**{plain(term)}**: {plain(meaning)}" for term, meaning in meanings.items()))
