"""What is wrong with a lecturer's file is one sentence with its line, and nothing in it can do harm."""

from __future__ import annotations

import json

import pytest
import yaml

from core.errors import InvalidRequest
from core.lessons.kept import LECTURE, keep, lecture, opened
from core.lessons.reading import MOST_BYTES, read
from core.settings import settings

LIST = """title: A class
tasks:
  - id: one
    title: The first
    idea: A grid warps.
    do: Bring it back.
    link: /warp?theta=1+0+0.25+0+1+0&show=Pixel
    check:
      facts:
        - {fact: grid_moved, at_most: 1}
  - id: two
    part: More
    title: The second
    idea: Read $x_t$.
    do: Look.
    link: /memory
"""


def problem(text: str) -> str:
    with pytest.raises(InvalidRequest) as caught:
        read(text.encode(), "class.yaml")
    return str(caught.value)


def test_a_list_is_read_with_its_links_and_parts() -> None:
    tasks = read(LIST.encode(), "class.yaml")
    first, second = tasks.tasks
    assert (first.screen, first.parameters) == ("warp", {"theta": "1 0 0.25 0 1 0", "show": "Pixel"})
    assert (second.screen, second.parameters, second.check) == ("memory", {}, None)
    assert tasks.after("one") == second
    assert tasks.after("two") is None
    assert [(part, [task.id for task in members]) for part, members in tasks.parts] == [("", ["one"]), ("More", ["two"])]


def test_json_is_read_as_well() -> None:
    text = json.dumps(yaml.safe_load(LIST), indent="\t")
    assert read(text.encode(), "class.json") == read(LIST.encode(), "class.yaml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("grid_moved", "grid_moves", "line 10, task one: grid_moves is no fact that a screen reports"),
        ("fact: grid_moved", "fact: grid_moved, nearly: 2", "line 10, task one: there is no field nearly; it may have fact"),
        ("    idea: A grid warps.\n", "", "line 3, task one: there is no idea; add one"),
        ("id: two", "id: one", "two tasks have the id one"),
        ("id: two", "id: Zwei Mal", "line 11, task Zwei Mal: id is 'Zwei Mal'; use small letters"),
        ("/memory", "/nowhere", "line 16, task two: link leads to /nowhere, and the screens are /home, "),
        ("/memory", "https://example.org/memory", "begins with it, as /warp?show=Pixel does"),
        ("/memory", "//example.org/memory", "begins with it"),
        ("/memory", "javascript:alert(1)", "begins with it"),
        ("/memory", "/memory?task=one", "which the lab adds itself"),
        ("link: /memory", "link: /memory\n    check: {facts: [{fact: outside, at_most: 1}]}", "which /memory does not report"),
        ("Look.", "Look at www.example.org.", "a text may not hold an address"),
        ("Look.", "'[Look](https://example.org)'", "a text may not hold an address"),
        ("  - id: two", " - id: two", "line 11: "),
        ("title: A class", "title: A class\ntitle: B", "line 2: title stands there twice"),
        ("title: A class", "title: &name A class", "line 1: an alias"),
        ("Look.", "!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("Look.", "2020-03-16", "do is"),
        (LIST, "- one\n- two\n", "is no task list"),
        (LIST, "", "is no task list"),
        (LIST, "title: x\ntasks: []\n", "tasks is"),
        (LIST, "[" * 5000, "nested more than"),
        (LIST, '{"title": ' + "[" * 60_000, "nested more than"),
        ("Look.", "L" * 501, "do is 'LLL"),
        ("link: /memory", "link: /memory\n    check: {}", "line 17, task two: a check needs facts, a number or a choice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(old: str, new: str, said: str) -> None:
    text = new if old == LIST else LIST.replace(old, new)
    assert old == LIST or text != LIST
    sentence = problem(text)
    assert said in sentence
    assert sentence.startswith("class.yaml")
    assert "\n" not in sentence


def test_an_alias_cannot_make_a_small_file_large() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert "an alias" in problem(bomb)


def test_a_file_that_is_too_large_or_no_text_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="has at most 64"):
        read(b"#" * (MOST_BYTES + 1), "large.yaml")
    with pytest.raises(InvalidRequest, match="not text in UTF-8"):
        read(b"\xff\xfe\x00", "photo.png")


def test_the_shipped_list_is_read_from_its_own_file() -> None:
    assert lecture() == read(LECTURE.read_bytes(), "lecture.yaml") == opened("")


def test_a_list_is_kept_by_its_digest_and_a_wrong_one_is_not(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GRIDCAST_HOME", str(tmp_path))
    settings.cache_clear()
    try:
        digest = keep(LIST.encode(), "class.yaml")
        assert opened(digest).title == "A class"
        with pytest.raises(InvalidRequest):
            keep(b"title: x", "class.yaml")
        assert len(list((tmp_path / "lists").glob("??/*"))) == 1
        for wrong in ("0" * 64, "../../etc/passwd", "x"):
            with pytest.raises(InvalidRequest, match="not in this lab"):
                opened(wrong)
    finally:
        settings.cache_clear()
