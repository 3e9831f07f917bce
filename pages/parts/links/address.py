"""What a screen itself writes into the address, so that two messages on their way do not undo each other.

Every message of the browser carries the address as the browser knows it. One that was sent before the last change arrived there
would take that change back: a unit that is clicked while the day settles would not stay chosen.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

LAG = 3.0  # seconds for which the browser may not know a change yet; after that an older value is Back or a link


@dataclass(frozen=True)
class _Change:
    before: frozenset[str]  # what the browser may still believe
    after: str
    when: float

    @property
    def is_young(self) -> bool:
        return time.monotonic() - self.when < LAG


def write(name: str, text: str) -> None:
    """Set a parameter; "" leaves it out."""
    changes: dict[str, _Change] = st.session_state.setdefault("address_changes", {})
    last = changes.get(name)
    earlier = last.before | {last.after} if last and last.is_young else frozenset()
    changes[name] = _Change((earlier | {st.query_params.get(name, "")}) - {text}, text, time.monotonic())
    _put(name, text)


def read(name: str) -> str:
    """A parameter, "" where it is left out; what was written last where the browser did not know that yet."""
    text = st.query_params.get(name, "")
    change: _Change | None = st.session_state.get("address_changes", {}).get(name)
    if change and change.is_young and text in change.before:
        _put(name, change.after)
        return change.after
    return text


def _put(name: str, text: str) -> None:
    if text:
        st.query_params[name] = text
    else:
        st.query_params.pop(name, None)
