"""What is said of photos that a network straightened, or made worse: cases that misled, and others of their kind."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from core.runs.conclusion import Conclusion
from core.stn.learning.diagnosis import Diagnosis
from core.stn.straighten.baseline.concluding import conclusion
from core.stn.straighten.baseline.judgement import gain_of, judgement
from tests.stn.straighten.test_judgement import GOOD, trials

SAME_YET = Diagnosis("watch", "θ is still the same for every image after 200 steps.")
RANDOM = np.random.default_rng(1)


def of(table: pd.DataFrame, steps: int = 1000, turns: bool = True, training: Diagnosis = GOOD) -> Conclusion:
    parts = {"gain": gain_of(table[table.seen], turns), "judgement": judgement(training, table, turns)}
    return conclusion(SimpleNamespace(trials=table, turns=turns, steps=steps, seconds=9.0, **parts))  # type: ignore[arg-type]


def worse(by: float) -> pd.DataFrame:
    """Trials that are off by so many times what they were, to either side."""
    table = trials(0.0, grid=by)
    side = RANDOM.choice([-1, 1], len(table))
    return table.assign(recovered_deg=(1 - by * side) * table.applied_deg, angle_error=by * table.applied_deg.abs())


@pytest.mark.parametrize("by", [16.5 / 13.4, 2.0], ids=["as seen", "twice as far off"])
def test_photos_that_got_worse_are_never_called_healthy(by: float) -> None:
    table = worse(by)
    said = of(table)
    before, after = table.applied_deg.abs().median(), table.angle_error.median()
    assert said.finding == "worse"
    assert said.headline == f"worse than doing nothing: {after:.1f}° median, untouched {before:.1f}°"
    assert "ealthy" not in " ".join(said.support)
    early = of(table, steps=39)
    assert (early.finding, early.next_step) == ("too early", "longer")
    assert early.headline.startswith(f"too early to tell after 39 steps: {after:.1f}°")


@pytest.mark.parametrize("left", [0.5, 0.2])
def test_a_run_that_halved_its_error_has_not_learned_nothing(left: float) -> None:
    said = of(trials(left), training=SAME_YET)
    assert said.finding == "better"
    assert said.headline.startswith("better, but not yet straight: ")
    assert "othing learned" not in said.headline + " ".join(said.support)
    assert said.next_step == "longer"


@pytest.mark.parametrize("left", [0.996, 0.93], ids=["as seen", "a little less"])
def test_a_gain_that_nobody_would_see_is_not_called_better(left: float) -> None:
    table = trials(left, grid=0.9).assign(recovered_deg=lambda rows: 0.3 * rows.applied_deg)
    assert gain_of(table, turns=True).sure
    assert of(table).headline.startswith("hardly better than doing nothing: ")
    assert of(table).finding == "no better"
    assert of(table, steps=7).headline.startswith("too early to tell after 7 steps: ")


def test_what_is_straight_is_said_with_its_spread_and_steps() -> None:
    table = trials(0.01)
    said, nothing = of(table), table.applied_deg.abs().mean()
    assert (said.finding, said.next_step) == ("better", None)
    assert "median angle error, untouched" in said.headline
    assert "Over 40 trials it gains" in said.support[0]
    assert " ± " in said.support[0]
    assert said.support[0].endswith(f"in the mean, of the {nothing:.2f}° that doing nothing gives in the mean")
    assert "1,000 steps; one training" in said.support[1]


def test_only_what_it_learned_from_is_not_straightened_in_general() -> None:
    said = of(pd.concat([trials(0.01), trials(1.02, seen=False)], ignore_index=True))
    assert said.finding == "no better"
    assert "but not surely on photos it never saw" in said.headline


def test_a_mirrored_answer_is_said_first() -> None:
    assert of(trials(0.01).assign(mirrored=True)).headline == "it mirrors the photos"
