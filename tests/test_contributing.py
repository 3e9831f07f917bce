"""The worked examples of CONTRIBUTING.md do what they say, and ask no more files of a newcomer than they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.forks import errors_of

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LONGEST = 40  # lines of an example: fewer than these
MOST = {  # variant -> files that its author opens, and edits, at most
    "a recurrent cell": (3, 2),
    "a classical model": (3, 2),
    "a metric": (3, 2),
    "a target": (3, 2),
    "a price source": (3, 2),
    "a family of transformations": (6, 4),
    "a sampling kernel": (4, 3),
    "a distortion": (3, 2),
    "an export format": (3, 2),
    "a health rule": (3, 2),
    "a fact for tasks": (5, 3),
    "a screen": (3, 2),
    "an experiment": (8, 8),  # one folder is copied, and one row written
}


@dataclass(frozen=True)
class Example:
    """One section: the files that are opened, those of them that are edited, and the code."""

    title: str
    opened: tuple[str, ...]
    edited: tuple[str, ...]
    code: str


def examples() -> list[Example]:
    sections = re.findall(r"^## Add (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    return [_example(title, body) for title, body in sections]


def _example(title: str, body: str) -> Example:
    edited, opened = (_paths(body, word) for word in ("Edit", "Read"))
    code = re.findall(r"^```python\n(.*?)^```$", body, re.MULTILINE | re.DOTALL)
    return Example(title, edited + opened, edited, "\n".join(code))


def _paths(body: str, word: str) -> tuple[str, ...]:
    """The paths on the line that begins with a word; a new file is named as "new `path`"."""
    line = re.search(rf"^{word}: (.*)$", body, re.MULTILINE)
    return tuple(re.findall(r"`([\w/.]+)`", line[1])) if line else ()


EXAMPLES = examples()
EACH = pytest.mark.parametrize("example", EXAMPLES, ids=[example.title for example in EXAMPLES])


def test_there_is_an_example_of_every_variant() -> None:
    assert {example.title for example in EXAMPLES} == set(MOST)


@EACH
def test_no_more_files_are_asked_of_a_newcomer(example: Example) -> None:
    opened, edited = MOST[example.title]
    assert 0 < len(example.edited) <= edited
    assert len(example.opened) <= opened


@EACH
def test_the_files_of_an_example_are_there(example: Example) -> None:
    fresh = set(re.findall(r"new `([\w/.]+)`", TEXT))
    assert [path for path in example.opened if path not in fresh and not (ROOT / path).exists()] == []
    assert [path for path in fresh if (ROOT / path).exists()] == []


@pytest.mark.slow
@EACH
def test_an_example_runs(example: Example, tmp_path: Path) -> None:
    assert 0 < len(example.code.splitlines()) < LONGEST
    assert errors_of(example.code, tmp_path, GRIDCAST_HOME=str(tmp_path)) == ""
