"""Every row of the lecture has a screen, a task, a link in the user guide, and a test that its formula holds."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from core.lessons.facts import FACTS
from core.lessons.kept import lecture
from core.lessons.reading import read
from core.lessons.tasks import Task
from pages.parts.navigation import ROWS as SCREENS

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "USER_GUIDE.md").read_text(encoding="utf-8")
GEOMETRY, MEMORY, WORTH = "tests/stn/geometry", "tests/rnn/memory", "tests/rnn/worth"


@dataclass(frozen=True)
class Row:
    """What is taught: its formula or statement, the screens that show it, and the tests that it holds there."""

    taught: str
    formula: str
    screens: tuple[str, ...]
    tests: tuple[str, ...]


ROWS = {
    1: Row(
        "a grid warps an image", "V is U sampled on T_θ(G); with T_I(G) = G the image is unchanged", ("warp",),
        (f"{GEOMETRY}/test_sampling.py::test_identity_theta_returns_the_image",
         f"{GEOMETRY}/test_sampling.py::test_identity_is_the_identity_for_every_kernel_and_padding",
         f"{GEOMETRY}/test_sampling.py::test_warp_is_within_one_grey_level_of_torch"),
    ),
    2: Row(
        "localisation network", "a small network inside the CNN predicts θ from the input", ("stn",),
        ("tests/stn/networks/test_spatial_transformer.py::test_untrained_localization_predicts_the_identity",
         "tests/stn/networks/test_spatial_transformer.py::test_gradient_of_a_picture_loss_reaches_the_localization"),
    ),
    3: Row(
        "grid generator, 2-D affine", "(x_s, y_s)ᵀ = A_θ (x_t, y_t, 1)ᵀ", ("warp", "stn"),
        (f"{GEOMETRY}/test_sampling.py::test_grid_equals_that_of_torch",
         f"{GEOMETRY}/test_theta.py::test_frame_grid_moves_the_pixel_centres_in_square_coordinates",
         "tests/stn/networks/test_spatial_transformer.py::test_grid_generator_equals_affine_grid"),
    ),
    4: Row(
        "sampler with a generic kernel", "V_i = Σ_n Σ_m U_nm k(x_s − m; Φ_x) k(y_s − n; Φ_y)", ("warp",),
        (f"{GEOMETRY}/test_kernels.py::test_every_kernel_equals_the_double_sum_by_hand",
         "tests/stn/warp/test_pixel_reading.py::test_value_is_what_the_sampler_sees",
         "tests/pages/test_warp.py::test_the_written_out_sum_is_the_output_pixel"),
    ),
    5: Row(
        "it is differentiable", "∂V_i/∂U_nm, ∂V_i/∂x_s, ∂V_i/∂y_s", ("warp",),
        (f"{GEOMETRY}/test_kernels.py::test_gradients_equal_autograd",
         f"{GEOMETRY}/test_kernels.py::test_gradient_by_the_image_equals_autograd",
         f"{GEOMETRY}/test_kernels.py::test_dead_zone_is_where_no_picture_has_a_gradient",
         "tests/stn/warp/test_gradient_field.py::test_closed_form_and_finite_differences_agree",
         "tests/stn/warp/test_training_step.py::test_every_gradient_is_that_of_the_loss_of_another_sampler"),
    ),
    6: Row(
        "what it undoes", "translation, scale, rotation, clutter", ("stn",),
        ("tests/stn/straighten/test_evaluation.py::test_the_inverse_of_a_distortion_leaves_no_grid_error",
         "tests/stn/straighten/test_run.py::test_one_photo_learns_to_straighten_itself",
         "tests/stn/straighten/test_predict.py::test_shipped_example_straightens_with_its_weights"),
    ),
    7: Row(
        "the three parts in one network", "localisation → grid → sampler → classifier, trained end to end", ("stn",),
        ("tests/stn/networks/test_classifiers.py::test_gradients_of_the_classes_reach_every_weight_of_the_localiser",
         "tests/stn/classify/test_run.py::test_digits_are_learned_and_the_result_says_everything"),
    ),
    8: Row(
        "hidden state", "h_t = act(W_h·[x_t, h_{t−1}] + b_h)", ("memory",),
        (f"{MEMORY}/test_trace.py::test_the_equations_give_the_states_of_torch",
         f"{MEMORY}/test_one_cell.py::test_a_cell_of_one_unit_is_that_of_torch",
         f"{MEMORY}/test_one_cell.py::test_the_bold_number_of_a_formula_is_the_value_of_that_day"),
    ),
    9: Row(
        "output", "y_t = W_y·h_t + b_y", ("memory",),
        (f"{MEMORY}/test_trace.py::test_the_output_is_the_heads_weights_times_the_state",
         f"{MEMORY}/test_trace.py::test_every_output_becomes_the_forecast_of_the_network"),
    ),
    10: Row(
        "backward pass, gradient descent", "W_new = W_old − η ∂L/∂W", ("memory",),
        (f"{MEMORY}/gradients/test_descent.py::test_one_step_is_the_lectures_formula",
         f"{MEMORY}/gradients/test_descent.py::test_the_slope_is_the_finite_difference_of_the_loss",
         f"{MEMORY}/gradients/test_backward.py::test_the_gradient_by_an_earlier_state_is_the_finite_difference_of_the_loss"),
    ),
    11: Row(
        "feed-forward against recurrent", "the same task with and without memory", ("rnn", "memory"),
        ("tests/rnn/echo/test_echo.py::test_the_days_are_an_autoregression_at_the_lag_alone",
         "tests/rnn/echo/test_echo.py::test_who_carries_a_state_or_sees_the_day_learns_the_echo_and_who_reads_one_day_does_not"),
    ),
    12: Row(
        "types", "one-to-one, one-to-many, many-to-one, many-to-many, encoder–decoder", ("rnn", "memory"),
        ("tests/rnn/networks/test_modules.py::test_many_to_many_reads_the_days_ahead_after_every_day",
         "tests/rnn/networks/test_modules.py::test_a_path_is_written_from_its_own_forecasts",
         "tests/rnn/networks/test_modules.py::test_decoder_starts_from_the_state_of_the_encoder",
         "tests/rnn/networks/test_network.py::test_every_type_learns_the_half_of_an_autoregression_that_can_be_known"),
    ),
    13: Row(
        "variants", "vanilla, bidirectional, LSTM, GRU", ("rnn", "memory"),
        ("tests/rnn/networks/test_gates.py::test_states_are_those_of_torch",
         "tests/rnn/networks/test_modules.py::test_bidirectional_networks_read_their_whole_window_both_ways",
         f"{MEMORY}/test_trace.py::test_a_bidirectional_window_ends_at_the_origin_and_is_read_both_ways"),
    ),
    14: Row(
        "the case study", "RNN against traditional statistical models on a ticker, judged honestly", ("rnn",),
        ("tests/rnn/evaluation/test_significance.py::test_diebold_mariano_agrees_with_statsmodels",
         "tests/rnn/compare/test_verdict.py::test_a_lucky_model_among_many_is_not_called_better",
         "tests/rnn/compare/test_verdict.py::test_the_outcome_is_what_the_first_sentence_says"),
    ),
    15: Row(
        "a trader's decision", "what a forecast is worth after costs, beside buy-and-hold", ("rnn",),
        (f"{WORTH}/test_performance.py::test_an_account_by_hand",
         f"{WORTH}/test_performance.py::test_costs_are_turnover_times_price",
         f"{WORTH}/test_performance.py::test_the_gain_on_buy_and_hold_is_the_difference_of_sharpe_ratios"),
    ),
}  # fmt: skip
TASKS = {task.row: task for task in lecture().tasks}


@cache
def names_in(path: str) -> set[str]:
    """The tests in a file."""
    return {node.name for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_lecture_has_a_task_on_one_of_its_screens(row: int) -> None:
    assert TASKS[row].screen in ROWS[row].screens
    assert set(ROWS[row].screens) <= {screen.file for screen in SCREENS}
    assert TASKS[row].formula


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_lecture_has_a_test_that_its_formula_holds(row: int) -> None:
    for node in ROWS[row].tests:
        path, _, name = node.partition("::")
        assert name in names_in(path), node


def test_the_list_has_a_task_a_row_and_nothing_else() -> None:
    assert [task.row for task in lecture().tasks] == list(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_the_guide_links_every_row_to_its_task(row: int) -> None:
    (line,) = [line for line in GUIDE.splitlines() if re.match(rf"\| {row} \| ", line)]
    assert f"`{TASKS[row].link}`" in line


def test_the_list_in_the_guide_is_a_list() -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    tasks = read(block.encode(), "the list in the guide")
    assert {("facts" if task.check.facts else "answer") if task.check else "by hand" for task in tasks.tasks} == {
        "facts", "answer", "by hand"
    }  # fmt: skip


def test_the_guide_explains_every_fact_and_every_field() -> None:
    facts = re.findall(r"^\| `(\w+)` \| ((?:/\w+(?:, )?)+) \|", GUIDE, re.MULTILINE)
    assert {name: tuple(screens.replace("/", "").split(", ")) for name, screens in facts} == {
        name: fact.screens for name, fact in FACTS.items()
    }
    chapter = GUIDE.partition("## For a class")[2]
    assert [field for field in Task.model_fields if f"`{field}`" not in chapter and field != "row"] == []
