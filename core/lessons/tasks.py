"""Tasks and lists of tasks, as a lecturer writes them.

Texts are plain: formulas between dollar signs are typeset, everything else is shown as it is written. A link leads to a screen
of this lab and nowhere else.
"""

from __future__ import annotations

import re
from typing import Annotated, Self
from urllib.parse import parse_qsl

from pydantic import AfterValidator, Field, model_validator

from core.lessons.checks import Check, Part
from core.lessons.facts import SCREENS, reported_on

MOST_TASKS = 60
RESERVED = ("task", "list")  # parameters that the lab adds to every link of a task
_LINK = re.compile(r"/([a-z]*)(?:\?(.*))?", re.DOTALL)
_ADDRESSES = re.compile(r"://|\bwww\.|javascript:|\bdata:", re.IGNORECASE)


def _no_address(text: str) -> str:
    if address := _ADDRESSES.search(text):
        raise ValueError(f"a text may not hold an address, and this one has {address[0]!r}; say it in words")
    return text


Title = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_no_address)]
Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_no_address)]
Formula = Annotated[str, Field(min_length=1, max_length=600), AfterValidator(_no_address)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


def _target(link: str) -> tuple[str, dict[str, str]]:
    """The screen that a link leads to ("home" for "/"), and what it sets there; ValueError where it leads anywhere else."""
    match = _LINK.fullmatch(link)
    if not match:
        raise ValueError(
            f"link is {link[:60]!r}; it leads to a screen of this lab and begins with it, as /warp?show=Pixel does"
        )
    screen, parameters = match[1] or "home", dict(parse_qsl(match[2] or "", keep_blank_values=True))
    if screen not in SCREENS:
        raise ValueError(f"link leads to /{screen}, and the screens are {', '.join(f'/{one}' for one in SCREENS)}")
    if reserved := [name for name in RESERVED if name in parameters]:
        raise ValueError(f"link has {reserved[0]}=, which the lab adds itself; leave it out")
    return screen, parameters


def _inside(link: str) -> str:
    _target(link)
    return link


class Task(Part):
    """One idea, and something to do on one screen."""

    id: Name
    title: Title
    idea: Text  # one or two sentences
    do: Text  # what to do, in one sentence
    link: Annotated[str, Field(max_length=2000), AfterValidator(_inside)]  # "/warp?theta=1+0+0+0+1+0&show=Pixel"
    formula: Formula | None = None  # LaTeX
    row: int | None = Field(None, ge=1)  # of the lecture
    part: Title | None = None  # the heading under which it stands, with the tasks after it that have none
    check: Check | None = None  # without one the student says that it is done

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = [name for name in (self.check.names if self.check else ()) if name not in reported_on(self.screen)]
        if missing:
            there = ", ".join(reported_on(self.screen)) or "no facts"
            raise ValueError(f"check asks for {missing[0]}, which /{self.screen} does not report; it reports {there}")
        return self

    @property
    def screen(self) -> str:
        """The screen that the link leads to; "home" for "/"."""
        return _target(self.link)[0]

    @property
    def parameters(self) -> dict[str, str]:
        """What the link sets there."""
        return _target(self.link)[1]


class TaskList(Part):
    """A list of tasks, in the order in which they are done."""

    title: Title
    about: Text | None = None
    tasks: tuple[Task, ...] = Field(min_length=1, max_length=MOST_TASKS)

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [task.id for task in self.tasks]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"two tasks have the id {twice[0]}; give each its own")
        return self

    def __contains__(self, name: object) -> bool:
        return any(task.id == name for task in self.tasks)

    def __getitem__(self, name: str) -> Task:
        """The task of this id; KeyError when there is none."""
        task = next((task for task in self.tasks if task.id == name), None)
        if task is None:
            raise KeyError(name)
        return task

    def number(self, task: Task) -> int:
        """Where a task stands in the list, from 1."""
        return self.tasks.index(task) + 1

    @property
    def parts(self) -> list[tuple[str, list[Task]]]:
        """Headings, each with the tasks below it; the first may be empty."""
        parts: list[tuple[str, list[Task]]] = []
        for task in self.tasks:
            if task.part or not parts:
                parts.append((task.part or "", []))
            parts[-1][1].append(task)
        return parts

    def after(self, name: str) -> Task | None:
        """The task after this one."""
        place = [task.id for task in self.tasks].index(name) + 1
        return self.tasks[place] if place < len(self.tasks) else None
