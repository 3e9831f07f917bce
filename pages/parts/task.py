"""The task that the address of a screen names: shown above the screen, and done as soon as its check holds.

Screens call `report` with what they show. It does nothing else where no task is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.errors import InvalidRequest
from core.lessons.facts import FACTS, Value
from core.lessons.kept import opened
from core.lessons.tasks import Task, TaskList
from pages.parts import controls
from pages.parts.learn import progress
from pages.parts.learn.link import task_link
from pages.parts.learn.texts import typeset


@dataclass(frozen=True)
class OpenTask:
    """A task of a list, the shipped one or a lecturer's."""

    digest: str  # of the list; "" for the shipped one
    tasks: TaskList
    task: Task

    @property
    def done(self) -> bool:
        return self.task.id in progress.done(self.digest)

    @property
    def check_names(self) -> tuple[str, ...]:
        """The facts that its check asks for."""
        return self.task.check.names if self.task.check else ()

    def answer(self, name: str) -> str:
        """The key of the widget that takes an answer."""
        return f"task-{name}-{self.digest[:8]}-{self.task.id}"


def report(facts: Mapping[str, Any]) -> None:
    """Say what the screen shows now, by the names in `core.lessons.facts`; KeyError for a name that is not there.

    Where that completes the task of the address, it is marked as done and the screen runs again.
    """
    _facts().update({name: _value(name, value) for name, value in facts.items()})
    task = _open_task()
    if task and not task.done:
        _judge(task)


def show_task() -> None:
    """The task of the address, in a frame above the screen; before the screen runs, which may end early."""
    _facts().clear()
    task = _open_task()
    st.session_state["task-seen"] = st.session_state.get("task-shown")
    st.session_state["task-shown"] = task and (task.digest, task.task.id)
    if task is None:
        return
    with st.container(border=True, key="task", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            _say(task)
            _ways_on(task)
        if not task.done:
            _ask(task)
            st.session_state["task-reply"] = st.empty()
            if not task.check_names:  # no screen needs to report anything
                _judge(task)
    if st.session_state.pop("task-just-done", False):
        st.toast(f"Done: {typeset(task.task.title)}", icon=":material/check_circle:")  # the top may be out of sight


def _open_task() -> OpenTask | None:
    """The task that the address names, where there is one."""
    name, digest = st.query_params.get("task"), st.query_params.get("list", "")
    if not name:
        return None
    try:
        tasks = opened(digest)
    except InvalidRequest:
        return None
    return OpenTask(digest, tasks, tasks[name]) if name in tasks else None


def _facts() -> dict[str, Value]:
    facts: dict[str, Value] = st.session_state.setdefault("task-facts", {})
    return facts


def _value(name: str, value: Any) -> Value:
    """A fact as its row says: a number is a float, words are a tuple."""
    return _AS[FACTS[name].kind](value)


_AS = {"number": float, "yes or no": bool, "word": str, "words": tuple}


def _judge(task: OpenTask) -> None:
    """Whether an open task is done by now, or its answer wrong."""
    if _holds(task):
        _mark(task)
        st.rerun()
    elif _answered(task) and set(task.check_names) <= set(_facts()):
        st.session_state["task-reply"].caption(typeset(_missing(task)))


def _mark(task: OpenTask) -> None:
    """As done; to be told where the visitor has seen it open, not after F5 on what was done before."""
    progress.mark(task.digest, task.task.id)
    st.session_state["task-just-done"] = st.session_state["task-seen"] == (task.digest, task.task.id)


def _holds(task: OpenTask) -> bool:
    check = task.task.check
    state = st.session_state
    return bool(check and check.done(_facts(), state.get(task.answer("number")), state.get(task.answer("choice"))))


def _missing(task: OpenTask) -> str:
    check, state = task.task.check, st.session_state
    assert check
    return check.missing(_facts(), state.get(task.answer("number")), state.get(task.answer("choice")))


def _answered(task: OpenTask) -> bool:
    return any(st.session_state.get(task.answer(name)) is not None for name in ("number", "choice"))


def _say(task: OpenTask) -> None:
    icon = ":green[:material/check_circle:] **Done.**" if task.done else ":material/radio_button_unchecked:"
    st.markdown(f"{icon} **{typeset(task.task.title)}.** {typeset(task.task.do)}", width="stretch")


def _ask(task: OpenTask) -> None:
    """A number or a choice to answer with, or where nothing can be checked a button."""
    check = task.task.check
    if check is None:
        if st.button("I have done this", icon=":material/check:", key="task-by-hand"):
            _mark(task)
            st.rerun()
        return
    if check.number:
        controls.number_input(check.number.ask, value=None, format="%0.4g", key=task.answer("number"), bind=None, width=320)
    if check.choice:
        options = check.choice.options
        controls.radio(
            check.choice.ask, list(options), index=None, format_func=options.__getitem__, key=task.answer("choice"), bind=None
        )  # fmt: skip


def _ways_on(task: OpenTask) -> None:
    following = task.tasks.after(task.task.id)
    own = {"list": task.digest} if task.digest else {}
    st.page_link("learn.py", label="All tasks", icon=":material/checklist:", query_params=own, width="content")
    if following:
        task_link("Next", following, task.digest)
    progress.keep(task.digest, task.tasks, task.task.id)
