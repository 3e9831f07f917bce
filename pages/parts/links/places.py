"""A screen is as it was when the visitor comes back to it, by the menu or by Back: its choices and its run.

The address says all of that. The menu leads to a screen without one, so the last one of each screen is kept in the session. By
Back the browser has the right one, of which Streamlit drops what the screen before called by the same name; so it is put back.
"""

from __future__ import annotations

from typing import NoReturn
from urllib.parse import parse_qs

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts import controls

HERE, PLACES, BY_SWITCH = "screen", "addresses of screens", "addresses that a switch has left"  # in a session


def arrive(screen: str) -> None:
    """Before a screen is drawn: where the visitor comes from another one, no control has the value of one of the same name
    there, and the address is what it was."""
    state = st.session_state
    before = state.get(HERE)
    state[HERE] = screen
    if before in (None, screen):
        return
    _keep(before)
    controls.forget_all()
    places, asked = state[PLACES], _read(_query())
    if not _by_history() and not len(st.query_params) and all(places[before].get(name) == asked[name] for name in asked):
        asked = {}  # the menu leads there, and the browser says what it had of the controls before
    if not asked or asked == state.get(BY_SWITCH, {}).get(screen):
        asked = places.get(screen, asked)
    if asked != {name: st.query_params.get_all(name) for name in st.query_params}:
        _no_control_has_one()
        st.query_params.from_dict(asked)
        st.rerun()


def note() -> None:
    """Keep the address of the screen that is drawn now."""
    if HERE in st.session_state:
        st.session_state.setdefault(PLACES, {})[st.session_state[HERE]] = _read(_query())


def _keep(screen: str) -> None:
    """The address of a screen that is left: as it was noted, with what was changed in parts of it since."""
    places = st.session_state.setdefault(PLACES, {})
    changed = places.get(screen, {}) | controls.addresses()
    places[screen] = {name: values for name, values in changed.items() if values}


def go(screen: str, **query: str | list[str]) -> NoReturn:
    """Leave for another screen in the same tab. Streamlit puts the other's address under this screen's name first, and Back
    leads there: then it is this one's again."""
    left = st.session_state.setdefault(BY_SWITCH, {})
    left[st.session_state.get(HERE, "")] = {name: [value] if isinstance(value, str) else value for name, value in query.items()}
    st.switch_page(f"{screen}.py", query_params=query)


def _no_control_has_one() -> None:
    """Parameters that belong to controls of the screen before can be written again."""
    if context := get_script_run_ctx():
        with context.session_state.query_params() as params:
            params.remove_stale_bindings(frozenset())


def _read(query: str) -> dict[str, list[str]]:
    return parse_qs(query, keep_blank_values=True)


def _by_history() -> bool:
    """Whether the browser's Back or Forward has led here."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _query() -> str:
    context = get_script_run_ctx()
    return context.query_string if context else ""
