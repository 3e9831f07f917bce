"""A task above its screen: it is done when its check holds, and by nothing else."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.lessons.facts import SCREENS
from core.lessons.kept import keep
from core.runs.lab import Lab
from pages.parts.navigation import ROWS
from pages.parts.plain_text import plain
from tests.pages.conftest import OpenPage

OWN = """title: A class
tasks:
  - id: number
    title: A number
    idea: The source is $x_s$.
    do: Type it.
    link: /warp?show=Pixel&theta=0.5+0+0.25+0+0.5+0&pixel=127+127
    check:
      number: {ask: "x_s, two decimals", near: {fact: source_x}, within: 0.01}
  - id: choice
    title: A choice [here](there)
    idea: The kernel is written above.
    do: Choose.
    link: /warp?kernel=bicubic&show=Pixel
    check:
      choice: {ask: "Which?", options: {bilinear: Two by two, bicubic: Four by four}, answer: {fact: kernel}}
  - id: known
    title: Nothing to report
    idea: Some answers need no screen.
    do: Choose.
    link: /runs
    check:
      choice: {ask: "Which?", options: {a: This, b: That}, answer: b}
  - id: looked
    title: Nothing to check
    idea: Look around.
    do: Look at the runs.
    link: /runs
"""


def banner(app: AppTest) -> str:
    return app.markdown[0].value


def test_the_screens_of_links_are_those_of_the_lab() -> None:
    assert set(SCREENS) == {row.file for row in ROWS}


def test_a_screen_without_a_task_shows_none(open_page: OpenPage) -> None:
    assert "Bend an image by hand" in banner(open_page("warp"))
    assert "Bend an image by hand" in banner(open_page("warp", task="no such task"))
    assert "Bend an image by hand" in banner(open_page("warp", task="identity", list="0" * 64))


def test_a_task_is_done_when_its_check_holds(open_page: OpenPage) -> None:
    app = open_page("warp", task="identity", theta="0.9 0 0 0 1 0", numbers="true")
    assert "radio_button_unchecked" in banner(app)
    app.number_input[0].set_value(1).run()
    assert "**Done.**" in banner(app)
    assert [toast.value for toast in app.toast] == ["Done: A grid warps an image"]
    app.number_input[0].set_value(0.5).run()
    assert "**Done.**" in banner(app)  # what was done stays done
    assert not app.toast


def test_a_task_that_is_done_on_arrival_is_not_announced(open_page: OpenPage) -> None:
    app = open_page("warp", task="identity", theta="1 0 0 0 1 0", numbers="true")
    assert "**Done.**" in banner(app)
    assert not app.toast


def test_a_typed_number_is_right_or_not_yet(open_page: OpenPage, home: Lab) -> None:
    app = open_page("warp", list=keep(OWN.encode(), "own.yaml"), task="number", show="Pixel",
                    theta="0.5 0 0.25 0 0.5 0", pixel="127 127")  # fmt: skip
    (typed,) = [one for one in app.number_input if one.label == "x_s, two decimals"]
    typed.set_value(0.5).run()
    assert any("Not yet" in one.value for one in app.caption)
    assert "radio_button_unchecked" in banner(app)
    x_t = (127 + 0.5) / 128 - 1
    typed.set_value(round(0.5 * x_t + 0.25, 2)).run()
    assert "**Done.**" in banner(app)
    assert not any("Not yet" in one.value for one in app.caption)


def test_the_right_choice_is_what_the_screen_reports(open_page: OpenPage, home: Lab) -> None:
    app = open_page("warp", list=keep(OWN.encode(), "own.yaml"), task="choice", kernel="bicubic")
    assert r"\[here\]\(there\)" in banner(app)  # words of a lecturer are shown as they are, and lead nowhere
    app.radio[0].set_value("bilinear").run()
    assert "radio_button_unchecked" in banner(app)
    app.radio[0].set_value("bicubic").run()
    assert "**Done.**" in banner(app)


def test_an_answer_that_is_written_down_needs_no_report(open_page: OpenPage, home: Lab) -> None:
    app = open_page("runs", list=keep(OWN.encode(), "own.yaml"), task="known")
    app.radio[0].set_value("a").run()
    assert any("Not yet" in one.value for one in app.caption)
    app.radio[0].set_value("b").run()
    assert "**Done.**" in banner(app)


def test_a_task_without_a_check_is_done_by_hand(open_page: OpenPage, home: Lab) -> None:
    app = open_page("runs", list=keep(OWN.encode(), "own.yaml"), task="looked")
    next(button for button in app.button if button.label == "I have done this").click().run()
    assert "**Done.**" in banner(app)
    assert [toast.value for toast in app.toast] == ["Done: Nothing to check"]


@pytest.mark.parametrize("file", ["own.yaml", "own.json"])
def test_a_list_is_uploaded_opened_by_its_link_and_started_again(open_page: OpenPage, home: Lab, file: str) -> None:
    app = open_page("learn", own_list="true")
    app.file_uploader[0].upload(file, OWN.encode(), "text/plain").run()
    (link,) = [code.value for code in app.code]
    digest = link.partition("?list=")[2]
    opened = open_page("learn", list=digest)
    assert not opened.exception
    assert opened.subheader[0].value == "A class"
    assert any("**2 · A choice" in one.value for one in opened.markdown)


def test_a_file_that_is_no_list_gets_one_sentence(open_page: OpenPage) -> None:
    app = open_page("learn", own_list="true")
    app.file_uploader[0].upload("own.yaml", OWN.replace("/runs", "https://example.org").encode(), "text/plain").run()
    assert not app.exception
    assert plain("own.yaml, line 21, task known: link is 'https://example.org'") in app.error[0].value


def test_a_link_to_a_list_that_is_not_here_says_so(open_page: OpenPage) -> None:
    app = open_page("learn", list="0" * 64)
    assert "not in this lab; ask for a new link" in app.error[0].value
