"""The tasks of a list, a card each, below the headings of their parts."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from core.lessons.tasks import Task, TaskList
from pages.parts.layout import plain
from pages.parts.learn.link import task_link
from pages.parts.learn.texts import typeset
from pages.parts.navigation import ROWS

WIDTH = 340  # pixels: a card is at least so wide
BENCHES = {row.file: row.bench for row in ROWS}


def cards(tasks: TaskList, digest: str, done: Collection[str]) -> None:
    """Every task: its idea, its formula, what to do, and the link that sets the screen up."""
    for part, members in tasks.parts:
        if part:
            st.subheader(plain(part), anchor=False)
        with st.grid(2, min_column_width=WIDTH):
            for task in members:
                with st.container(border=True, height="stretch", key=f"card-{BENCHES.get(task.screen, '')}-{task.id}"):
                    _card(task, tasks.number(task), digest, task.id in done)


def _card(task: Task, number: int, digest: str, done: bool) -> None:
    icon = ":green[:material/check_circle:]" if done else ":material/radio_button_unchecked:"
    formula = [f"$$\n\\small {task.formula}\n$$"] if task.formula else []
    st.markdown("\n\n".join([f"{icon} **{number} · {typeset(task.title)}**", typeset(task.idea), *formula, typeset(task.do)]))
    task_link("Open again" if done else "Open", task, digest)
