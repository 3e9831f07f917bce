"""Me: the visitor whose screen is being drawn."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.runs.lab import lab
from core.runs.visitors import key
from core.runs.visitors.visitor import Visitor, clean_name, id_of, id_of_person, is_token, new_token, usual_name
from core.settings import settings
from pages.parts.visitors.cookie import COOKIE

Person = tuple[str, str, str]  # who vouches for them, what they are called there, their name


def person() -> Person | None:
    """Whoever has signed in, where the server offers that."""
    context = get_script_run_ctx()
    user = context.user_info if context else {}  # `st.user` looks for the files of secrets each time
    if not user.get("is_logged_in") or not user.get("sub"):
        return None
    subject = str(user["sub"])
    return str(user.get("iss", "")), subject, str(user.get("name") or user.get("email") or subject)


def token() -> str:
    """The secret of this browser; where it keeps no cookie, of this session."""
    kept = str(st.context.cookies.get(COOKIE, ""))
    if is_token(kept):
        return kept
    token: str = st.session_state.setdefault("visitor-token", new_token())
    return token


def my_id() -> str:
    signed_in = person()
    return id_of_person(*signed_in[:2]) if signed_in else id_of(token())


def me() -> Visitor:
    """Who looks at this screen, as the lab knows them; whoever has signed in is called what their account says."""
    visitor, signed_in = visitor_of(my_id()), person()
    name = signed_in and (clean_name(signed_in[2]) or usual_name(visitor.id))
    if name and name != visitor.name:
        lab().registry.people.rename(visitor.id, name)
        return visitor_of(visitor.id)
    return visitor


def visitor_of(visitor_id: str) -> Visitor:
    """A visitor, and whether they are the lecturer now."""
    people, valid = lab().registry.people, settings().key
    visitor = people.get(visitor_id)
    if valid is None:
        return visitor
    lecturer = key.holds(valid.get_secret_value(), visitor_id, people.key_mark(visitor_id))
    return Visitor(visitor.id, visitor.name, visitor.private, lecturer)
