"""The command that checks a task list and prints it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.lessons.kept import LECTURE
from core.lessons.reading import read
from core.lessons.tasks import Task
from core.shell import as_json, say
from core.system.files import LARGEST_LIST, read_file


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=LECTURE, required=False)
@as_json
def tasks(file: Path, as_json: bool) -> None:
    """Check the task list in FILE, YAML or JSON, and print it; without FILE the list that comes with the lab."""
    task_list = read(read_file(file, LARGEST_LIST), file.name)
    parts = [f"{task_list.title}: {len(task_list.tasks)} tasks", *(_in_words(task) for task in task_list.tasks)]
    say(as_json, {"title": task_list.title, "tasks": [_plain(task) for task in task_list.tasks]}, "\n\n".join(parts))


def _in_words(task: Task) -> str:
    check = f"done when {task.check.text}" if task.check else "done when the student says so"
    return f"{task.id}: {task.title}\n  {task.do}\n  {task.link}\n  {check}"


def _plain(task: Task) -> dict[str, Any]:
    return task.model_dump(mode="json", by_alias=True, exclude_none=True) | {
        "screen": task.screen,
        "parameters": task.parameters,
    }
