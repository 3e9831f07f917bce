"""Every shipped task opens from its link without an error, is not done yet, and is done by what it asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.lessons.checks import FromScreen
from core.lessons.kept import lecture
from core.rnn.echo import run as echo_run
from pages.parts.learn.link import parameters_of
from tests.pages.conftest import OpenPage
from tests.pages.test_task import banner

TASKS = {task.id: task for task in lecture().tasks}
Solution = Callable[[AppTest], object]
TRAINED = 300  # seconds: on a busy machine


def typed(**numbers: float) -> Solution:
    """Type numbers into the boxes of these keys."""

    def done(app: AppTest) -> None:
        for key, number in numbers.items():
            app.number_input(key).set_value(number).run()

    return done


SOLUTIONS: dict[str, Solution] = {
    "identity": typed(theta_a=1, theta_b=0, theta_c=0, theta_d=0, theta_e=1, theta_f=0),
    "localisation": lambda app: app.select_slider("stage").set_value(app.select_slider("stage").options[0]).run(),
    "grid-generator": typed(theta_a=0.5, theta_c=0.5, theta_e=0.5, theta_f=0.5),
    "kernels": lambda app: app.selectbox("kernel").set_value("bicubic").run(),
    "dead-zone": lambda app: app.query_params.update({"theta": "0.5 0 1.5 0 0.5 0"}) or app.run(),
    "undone": lambda app: app.slider("turn").set_value(-42).run(),
    "end-to-end": lambda app: app.radio[0].set_value("neither").run(),
    "hidden-state": lambda app: app.number_input[0].set_value(-0.17).run(),
    "output": lambda app: app.number_input[0].set_value(1.64).run(),
    "descent": lambda app: app.select_slider("eta").set_value("1000").run(),
    "verdict": lambda app: app.radio[0].set_value("not sure").run(),
    "worth": lambda app: app.number_input("cost").set_value(40.0).run(),
}


def pressed(app: AppTest, words: str) -> None:
    """A button that trains something, here and now."""
    next(one for one in app.button if one.label.startswith(words)).click().run(timeout=TRAINED)


def compared(**chosen: object) -> Solution:
    """Change the form of a comparison by key, and compare."""

    def done(app: AppTest) -> None:
        for key, value in chosen.items():
            widget = next(one for one in [*app.selectbox, *app.button_group] if one.key == key)
            widget.set_value(value).run()
        pressed(app, "Compare")

    return done


def echo(app: AppTest) -> None:
    app.slider("lag").set_value(16).run()
    pressed(app, "Train")


TRAINING: dict[str, Solution] = {
    "memory": echo,
    "types": compared(type="Encoder-decoder"),
    "variants": compared(cells=["Vanilla RNN", "LSTM", "GRU"], both=["Bidirectional RNN"]),
}


@pytest.fixture
def opened(request: pytest.FixtureRequest, open_page: OpenPage) -> AppTest:
    task = TASKS[request.param]
    return open_page(task.screen, **parameters_of(task, "") | ({"numbers": "true"} if task.id == "identity" else {}))


def opens_undone(app: AppTest) -> None:
    assert not app.exception
    assert not app.error
    assert "radio_button_unchecked" in banner(app)


@pytest.mark.parametrize(("opened", "name"), [(name, name) for name in SOLUTIONS], indirect=["opened"])
def test_a_task_opens_from_its_link_undone_and_is_done_by_what_it_asks_for(opened: AppTest, name: str) -> None:
    opens_undone(opened)
    SOLUTIONS[name](opened)
    assert not opened.exception
    assert "**Done.**" in banner(opened)


@pytest.mark.parametrize(
    ("opened", "wrong", "first"),
    [("end-to-end", ("st-cnn", "cnn"), "No sure difference"), ("verdict", ("better", "worse"), "Nothing beats")],
    indirect=["opened"],
)
def test_no_side_is_right_where_the_first_sentence_names_no_winner(opened: AppTest, wrong: tuple[str, str], first: str) -> None:
    assert any(first in one.value for one in opened.markdown)
    for side in wrong:
        opened.radio[0].set_value(side).run()
        assert any("Not yet" in one.value for one in opened.caption)
        assert "radio_button_unchecked" in banner(opened)


@pytest.mark.parametrize("opened", ["verdict"], indirect=True)
def test_the_first_two_sentences_of_the_verdict_say_that_the_error_was_lower_by_chance(opened: AppTest) -> None:
    said = ". ".join(one.value for one in opened.markdown).replace("\\", "")
    first, second = said[said.index("No recurrent network beats") :].split(". ")[:2]
    assert first.startswith("No recurrent network beats")
    assert "has skill +" in second
    assert "p = " in second
    assert "Read the first two sentences" in TASKS["verdict"].do


@pytest.mark.parametrize("opened", ["worth"], indirect=True)
def test_the_accounts_ahead_of_holding_are_counted_where_the_task_looks_for_them(opened: AppTest) -> None:
    assert any("36 accounts" in one.value and "had a higher Sharpe ratio" in one.value for one in opened.markdown)


@pytest.mark.parametrize("opened", ["undone"], indirect=True)
def test_how_far_the_points_of_a_turned_photo_end_from_their_places_is_shown(opened: AppTest) -> None:
    assert any("of the short side from where they belong" in one.value and "turned by" in one.value for one in opened.markdown)


def test_every_question_who_is_better_can_be_answered_with_nobody_surely() -> None:
    unsure = {"better_network": "neither", "verdict": "not sure"}  # the words of these facts where the difference may be chance
    choices = [task.check.choice for task in TASKS.values() if task.check and task.check.choice]
    asked = {one.answer.fact: one for one in choices if isinstance(one.answer, FromScreen)}
    assert set(asked) == set(unsure)  # `best_network` is the smaller number, be it by chance, and no answer to that question
    assert all(word in asked[fact].options for fact, word in unsure.items())


@pytest.mark.slow
@pytest.mark.parametrize(("opened", "name"), [(name, name) for name in TRAINING], indirect=["opened"])
def test_a_task_opens_undone_and_is_done_by_a_training(opened: AppTest, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echo_run, "PATIENCE", 5)  # validations: the network that has to fail is soon given up
    opens_undone(opened)
    TRAINING[name](opened)
    assert not opened.exception
    assert "**Done.**" in banner(opened)


def test_every_task_is_solved_here() -> None:
    assert {*SOLUTIONS, *TRAINING} == set(TASKS)
