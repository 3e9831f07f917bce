"""Which tasks a visitor has done: marked on the server for this visit, and kept in the browser, in nobody else's hands."""

from __future__ import annotations

import uuid
from pathlib import Path

import streamlit as st

from core.lessons.tasks import TaskList

_component = st.components.v2.component(
    "gridcast_progress", html="<span></span>", js=(Path(__file__).parent / "progress.js").read_text()
)


def mark(digest: str, task: str) -> None:
    """This task of a list is done."""
    _marked(digest).add(task)


def done(digest: str) -> set[str]:
    """The ids of the tasks of a list that are done, as far as the browser has said."""
    return _marked(digest) | _from_browser(digest)


def forget(digest: str) -> None:
    """No task of this list is done, here and in the browser."""
    st.session_state[f"tasks-done-{digest}"] = set()
    st.session_state[f"tasks-forget-{digest}"] = uuid.uuid4().hex


def keep(digest: str, tasks: TaskList, about: str = "") -> None:
    """Have the browser write down what is done, and tell what it knows: of the whole list, or of one task of it."""
    names = [about] if about else sorted(task.id for task in tasks.tasks)
    data = {
        "list": digest,
        "tasks": names,
        "done": sorted(_marked(digest)),
        "known": sorted(_from_browser(digest)),
        "forget": _forget(digest),
    }
    _component(key=_key(digest), data=data, on_done_change=lambda: None, default={"done": {}})


def _key(digest: str) -> str:
    return f"progress-{digest}"


def _from_browser(digest: str) -> set[str]:
    """What the browser has said since it was last asked to forget."""
    message = (st.session_state.get(_key(digest)) or {}).get("done") or {}
    return set(message.get("tasks", ())) if message.get("forgot", "") == _forget(digest) else set()


def _marked(digest: str) -> set[str]:
    marked: set[str] = st.session_state.setdefault(f"tasks-done-{digest}", set())
    return marked


def _forget(digest: str) -> str:
    """The last time that this visitor pressed the button, as a number; "" where never."""
    return str(st.session_state.get(f"tasks-forget-{digest}", ""))
