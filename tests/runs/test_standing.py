from __future__ import annotations

import json
import math

import pytest

from core.runs.kinds import EXPERIMENTS, KINDS
from core.runs.result import Result
from core.runs.standing import WORDS, Standing, health_of, level_of, of_several


def standing(level: str, error: float = 1.0) -> Standing:
    return Standing(error, "%", 2.0, "doing nothing", WORDS[level])  # type: ignore[index]


@pytest.mark.parametrize(
    ("better", "level"), [(2.0, "good"), (1.99, "watch"), (-1.99, "watch"), (-2.0, "bad"), (math.nan, "watch")]
)
def test_two_standard_errors_are_needed(better: float, level: str) -> None:
    assert level_of(better) == level


@pytest.mark.parametrize(
    ("better", "refuted", "said"),
    [
        (3.0, "", "healthy: its error is 3.0 standard errors below the baseline's"),
        (0.4, "", "in doubt: its error is 0.4 standard errors below the baseline's, which chance may explain"),
        (
            3.0,
            "not after correction",
            "in doubt: its error is 3.0 standard errors below the baseline's, but not after correction",
        ),
        (
            -0.4,
            "not after correction",
            "in doubt: its error is 0.4 standard errors above the baseline's, which chance may explain",
        ),
        (
            -3.0,
            "not after correction",
            "in doubt: its error is 3.0 standard errors above the baseline's, but not after correction",
        ),
        (-3.0, "", "unhealthy: its error is 3.0 standard errors above the baseline's"),
        (math.nan, "", "in doubt: it cannot be told from the baseline"),
    ],
)
def test_health_is_said_with_its_reason(better: float, refuted: str, said: str) -> None:
    assert Standing(1.0, "MSE", 2.0, "HAR", *health_of(better, refuted)).health_with_reason == said


def test_of_several_networks_one_that_is_not_healthy_counts() -> None:
    good, doubtful = standing("good"), standing("watch", error=3.0)
    assert of_several([good, doubtful, standing("bad")]) == doubtful
    assert of_several([good, standing("good", error=0.5)]) == good


def test_json_has_no_nan() -> None:
    assert json.loads(json.dumps(standing("watch", error=math.nan).plain, allow_nan=False))["error"] is None


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_says_where_its_results_stand(name: str) -> None:
    assert KINDS[name].result.standing is not Result.standing
