"""The menu beside the title in which a visitor says who they are: name, privacy, other devices, the lecturer's key, sign-in."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

import streamlit as st

from core.runs.lab import lab
from core.runs.visitors import key
from core.runs.visitors.visitor import LONGEST_NAME, Visitor
from core.settings import settings
from pages.parts import controls
from pages.parts.plain_text import plain
from pages.parts.visitors.cookie import MOVE
from pages.parts.visitors.me import me, person, token

SHOWN_NAME = 14  # characters of a name on the button
WRONG = "That is not the key."
TOO_OFTEN = "Too many tries; wait a minute."


@cache
def _tries() -> key.Tries:
    """Of this server; not in Streamlit's cache, which a browser can ask it to clear."""
    return key.Tries()


@st.fragment
def visitor_menu() -> None:
    """A button with the visitor's name; what it opens is drawn when it is opened."""
    visitor = me()
    name = visitor.name if len(visitor.name) <= SHOWN_NAME else f"{visitor.name[: SHOWN_NAME - 1]}…"
    icon = ":material/school:" if visitor.lecturer else ":material/person:"
    with controls.area("visitor"):
        menu = st.popover(plain(name), icon=icon, key="visitor", on_change="rerun")
        if menu.open:
            with menu:
                _menu(visitor)


def _menu(visitor: Visitor) -> None:
    _name(visitor)
    controls.toggle(
        "Keep my runs to myself", value=visitor.private or lab().all_private, key="my-privacy", bind=None,
        disabled=lab().all_private, on_change=_keep_private, args=(visitor.id,),
        help="They stand in nobody else's list. Whoever is given the link of a run can open it all the same.",
    )  # fmt: skip
    if person() is None:
        _other_devices()
    _sign_in()
    if settings().key is not None:
        _lecturer(visitor)


def _name(visitor: Visitor) -> None:
    if person() is None:
        controls.text_input(
            "Your name", visitor.name, bind=None, max_chars=LONGEST_NAME, key="my-name", on_change=_rename, args=(visitor.id,),
            help="Others on this server see it beside your runs.",
        )  # fmt: skip
    else:
        st.markdown(f"You have signed in as **{plain(visitor.name)}**.")


def _rename(visitor_id: str) -> None:
    lab().registry.people.rename(visitor_id, st.session_state["my-name"])


def _keep_private(visitor_id: str) -> None:
    lab().registry.people.keep_private(visitor_id, st.session_state["my-privacy"])


def _other_devices() -> None:
    if st.button("My runs on another device", icon=":material/devices:", key="my-link", width="stretch"):
        here = urlsplit(st.context.url or "")
        base = st.get_option("server.baseUrlPath").strip("/")
        st.code(f"{here.scheme}://{here.netloc}{f'/{base}' if base else ''}{MOVE}{token()}", language=None, wrap_lines=True)
        st.caption("Open this link there. Keep it to yourself: whoever opens it is you.")


def _sign_in() -> None:
    """Where `.streamlit/secrets.toml` says with whom."""
    if "is_logged_in" not in st.user.to_dict():
        return
    if st.user.is_logged_in:
        st.button("Sign out", icon=":material/logout:", key="sign-out", on_click=st.logout, width="stretch")
    else:
        st.button("Sign in", icon=":material/login:", key="sign-in", on_click=st.login, width="stretch")


def _lecturer(visitor: Visitor) -> None:
    if visitor.lecturer:
        st.caption("You are the lecturer: you may cancel, delete and pin any run, in Runs.")
        if st.button("Give the key back", icon=":material/key_off:", key="key-back", width="stretch"):
            lab().registry.people.keep_key_mark(visitor.id, "", 0.0)
            st.rerun()
        return
    with st.form("lecturers-key", border=False):
        typed = controls.text_input("Lecturer's key", type="password", key="key", bind=None, max_chars=200)
        pressed = st.form_submit_button("I am the lecturer", icon=":material/key:", width="stretch")
    if pressed and typed:
        _try(visitor, typed)


def _try(visitor: Visitor, typed: str) -> None:
    valid = settings().key
    assert valid is not None
    if not _tries().allowed(visitor.id):
        st.error(TOO_OFTEN, icon=":material/hourglass:")
    elif not key.is_key(typed, valid.get_secret_value()):
        st.error(WRONG, icon=":material/key_off:")
    else:
        mark = key.mark_of(valid.get_secret_value(), visitor.id)
        lab().registry.people.keep_key_mark(visitor.id, mark, key.KEY_HOURS * 3600)
        st.rerun()
