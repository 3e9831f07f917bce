from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.stn.learning.diagnosis import Diagnosis
from core.stn.straighten.baseline.judgement import gain_of, judgement

GOOD = Diagnosis("good", "Healthy: θ differs from image to image.")
PARTS = ("scale", "shift_x", "shift_y")
RANDOM = np.random.default_rng(0)


def trials(left: float, applied: np.ndarray | None = None, grid: float = 0.1, seen: bool = True) -> pd.DataFrame:
    """Forty trials, of whose turns the network leaves a share, and a share of what the grid was off by."""
    turns = RANDOM.uniform(-40, 40, 40) if applied is None else applied
    return pd.DataFrame(
        {
            "seen": seen,
            "applied_deg": turns,
            "recovered_deg": (1 - left) * turns,
            "angle_error": np.abs(left * turns),
            "grid_error_before": np.abs(turns),
            "grid_error_after": grid * np.abs(turns),
            "mirrored": False,
        }
        | {f"applied_{part}": turns / 100 for part in PARTS}
        | {f"recovered_{part}": (1 - left) * turns / 100 for part in PARTS}
    )


def test_a_network_that_straightens_is_healthy_and_says_against_what() -> None:
    table = trials(0.02)
    diagnosis = judgement(GOOD, table, turns=True)
    assert diagnosis.word == "healthy"
    assert f"{table.angle_error.median():.2f}°" in diagnosis.symptom
    assert f"{table.applied_deg.abs().median():.2f}°" in diagnosis.symptom


@pytest.mark.parametrize(("left", "same"), [(1.0, True), (1.06, True), (0.5, False)])
def test_what_is_not_better_than_doing_nothing_is_not_healthy(left: float, same: bool) -> None:
    table = trials(left)
    if not same:  # half the way, to the wrong side as often as not
        table["recovered_deg"] *= RANDOM.choice([-1, 1], len(table))
        table["angle_error"] = (table.applied_deg - table.recovered_deg).abs()
    diagnosis = judgement(GOOD, table, turns=True)
    assert diagnosis.level == "bad"
    assert "doing nothing" in diagnosis.symptom
    assert ("same for every photo" in diagnosis.why) is same


@pytest.mark.parametrize("turns", [True, False])
def test_what_lies_wrong_is_not_healthy_however_well_it_is_turned(turns: bool) -> None:
    assert judgement(GOOD, trials(0.01, grid=1.5), turns).level == "bad"


@pytest.mark.parametrize("turns", [True, False])
@pytest.mark.parametrize("share", [1.0, 0.6])
def test_a_mirrored_start_is_not_healthy(turns: bool, share: float) -> None:
    table = trials(0.01)
    table["mirrored"] = np.arange(len(table)) < share * len(table)
    diagnosis = judgement(GOOD, table, turns)
    assert (diagnosis.level, diagnosis.symptom) == ("bad", "It mirrors the photos.")


@pytest.mark.parametrize("turns", [True, False], ids=["all turned to one side", "all magnified"])
def test_one_theta_for_every_photo_is_not_healthy_even_where_it_helps(turns: bool) -> None:
    table = trials(0.01, applied=RANDOM.uniform(20, 30, 40))  # what is applied has a mean that one theta takes away
    left = table.applied_deg - 25
    table = table.assign(recovered_deg=25.0, angle_error=left.abs(), grid_error_after=left.abs() / 10)
    table = table.assign(**{f"recovered_{part}": 0.25 for part in PARTS})
    assert gain_of(table, turns).sure
    diagnosis = judgement(GOOD, table, turns)
    assert (diagnosis.level, diagnosis.symptom) == ("bad", "Its θ is nearly the same for every photo.")


def test_photos_that_it_never_saw_must_gain_too() -> None:
    table = pd.concat([trials(0.01), trials(1.02, seen=False)], ignore_index=True)
    diagnosis = judgement(GOOD, table, turns=True)
    assert diagnosis.level == "watch"
    assert "never saw" in diagnosis.symptom


def test_a_warning_of_the_training_stands_beside_good_trials() -> None:
    watch = Diagnosis("watch", "Half of the grid looks outside.")
    assert judgement(watch, trials(0.01), turns=True) == watch


def test_trials_of_earlier_versions_are_judged_without_their_sign() -> None:
    table = trials(0.01).drop(columns="mirrored")
    assert judgement(GOOD, table, turns=True).level == "good"
    assert gain_of(table, turns=True).trials == 40
