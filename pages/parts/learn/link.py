"""A link to a task that loads its screen anew.

Streamlit's own links keep the visit and with it every control that was set before, which then counts more than what the address
leaves at its default; to the screen that is open already they do not lead at all. A task needs its screen as its link says.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from core.lessons.tasks import Task

HERE = Path(__file__).parent
_component = st.components.v2.component(
    "gridcast_task_link", html="<a></a>", css=(HERE / "link.css").read_text(), js=(HERE / "link.js").read_text()
)


def task_link(label: str, task: Task, digest: str) -> None:
    """A link to a task of the list with this digest, "" for the shipped one."""
    data = {"label": label, "title": task.title, "address": address_of(task, digest)}
    _component(key=f"open-{digest}-{task.id}", data=data, width="content")


def address_of(task: Task, digest: str) -> str:
    """The address at which a task is open, seen from any screen."""
    return f"./{'' if task.screen == 'home' else task.screen}?{urlencode(parameters_of(task, digest))}"


def parameters_of(task: Task, digest: str) -> dict[str, str]:
    """What stands in that address."""
    return task.parameters | {"task": task.id} | ({"list": digest} if digest else {})
