"""The verdict is true at its first reading: what is better, what follows a cue, and what is too early to tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.stn.parts.boxes import table_of_cues
from core.stn.parts.cues import CUES
from core.stn.parts.result import PartsResult
from core.stn.parts.verdict import verdict

COUNT = 400
TRUTH = np.arange(COUNT) % 4
RANDOM = np.random.default_rng(0)
MIDDLES = RANDOM.uniform(-0.5, 0.5, (COUNT, 2, 2))


def wrong(share: float) -> np.ndarray:
    """Answers of which so many are wrong, evenly over the pictures."""
    given = TRUTH.copy()
    chosen = np.linspace(0, COUNT - 1, round(share * COUNT)).astype(int)
    given[chosen] = (given[chosen] + 1) % 4
    return given


def finished(errors: dict[str, float], follows: bool = True, **fields: Any) -> PartsResult:
    places = MIDDLES if follows else np.zeros_like(MIDDLES)
    boxes = {
        name: np.concatenate([np.full((COUNT, int(name[0]), 1), 0.4), places[:, : int(name[0])]], axis=-1)
        for name in errors if name.endswith("st")
    }  # fmt: skip
    cues = [table_of_cues(own, MIDDLES, CUES).assign(model=name) for name, own in boxes.items()]
    rows = [
        {"model": name, "transformer": n + 1, "place_sd": 0.25, "alike": 0.6, "alike_still": 0.1, "sure": follows}
        for name, own in boxes.items() for n in range(own.shape[1])
    ]  # fmt: skip
    known: dict[str, Any] = {
        "scenes": True, "side": 224, "crop": 0.4, "classes": tuple("abcd"), "models": tuple(errors),
        "learned_from": None, "own_split": False, "by_steps": False, "seconds": 1.0,
        "model_seconds": dict.fromkeys(errors, 50.0),
        "model_steps": {name: 1000 + n for n, name in enumerate(errors)}, "truth": TRUTH, "names": [],
        "answers": {name: wrong(share) for name, share in errors.items()}, "losses": pd.DataFrame(), "errors": pd.DataFrame(),
        "images": np.zeros((1, 8, 8, 3), np.uint8), "boxes": boxes, "crops": {}, "cues": MIDDLES, "parts": pd.DataFrame(rows),
        "cue_table": pd.concat(cues) if cues else pd.DataFrame(), "films": {}, "film_steps": {},
        "weights": {f"{name}/w": np.zeros(100 + 900 * (name == "cnn"), np.float32) for name in errors},
    }  # fmt: skip
    return PartsResult(**known | fields)


def supported(*given: Any, **fields: Any) -> str:
    return ". ".join(finished(*given, **fields).conclusion.support)


def test_what_the_transformers_look_at_supports_the_conclusion() -> None:
    both = supported({"whole": 0.6, "2xst": 0.1})
    assert both.startswith("Transformer 1 follows the disc in 100 % of the scenes (a box that never moves:")
    assert "transformer 2 follows the square in 100 %" in both
    assert "Both cues are in some box in 100 %" in both
    assert supported({"cnn": 0.1, "2xst": 0.3}, follows=False).startswith("Transformer 1 follows no cue: it has")
    assert "follows" not in supported({"cnn": 0.2, "2xst": 0.75})


@pytest.mark.parametrize(
    ("errors", "steps", "headline"),
    [
        (
            {"whole": 0.76, "2xst": 0.005},
            250,
            "2 transformers err less than one look at the whole so far, after 250 steps each: ",
        ),
        ({"cnn": 0.02, "1xst": 0.52, "2xst": 0.0}, 250, "2 transformers err less than CNN: "),
        ({"whole": 0.76, "2xst": 0.005}, 400, "2 transformers err less than one look at the whole: "),
    ],
    ids=["as seen", "another that has not learned", "after more steps"],
)
def test_one_that_hardly_errs_is_better_so_far_than_one_that_guesses(
    errors: dict[str, float], steps: int, headline: str
) -> None:
    said = finished(errors, model_steps=dict.fromkeys(errors, steps), by_steps=True).conclusion
    assert (said.finding, said.headline[: len(headline)]) == ("better", headline)


def test_a_network_that_is_better_is_said_to_be() -> None:
    said = verdict(finished({"whole": 0.6, "2xst": 0.1}))
    assert said.startswith(
        "On 400 scenes of the test, after 50 s of learning for each, 2 transformers err on 10.0 ± 1.5 % (1,001 steps);"
    )
    assert "one look at the whole with as many weights on 60.0 ± 2.5 % (1,000 steps)" in said
    assert "the former is better by" in said


def test_a_cnn_that_is_better_is_said_to_be_and_so_is_what_follows_no_cue() -> None:
    said = verdict(finished({"cnn": 0.1, "2xst": 0.3}, follows=False))
    assert "CNN with 1,000 weights against 100 on 10.0 ± 1.5 %" in said
    assert "the former is worse by" in said


def test_what_is_no_better_than_guessing_is_too_early_to_tell() -> None:
    nothing = finished({"cnn": 0.75, "2xst": 0.75})
    assert verdict(nothing).startswith("Too early to tell")
    half = verdict(finished({"cnn": 0.2, "2xst": 0.75}))
    assert "Too early to tell for 2 transformers" in half
    assert not verdict(finished({"cnn": 0.1})).startswith("Too early")


def test_of_uploads_nobody_knows_the_parts_and_that_is_said() -> None:
    said = supported({"cnn": 0.2, "1xst": 0.1}, scenes=False, cues=np.zeros((0, 2, 2)), cue_table=pd.DataFrame())
    assert "its box moves by ±28 of 224 pixels, its crops are more alike than those of a box that stays" in said
    assert "look at the crops" in said


def test_where_nobody_errs_nobody_is_said_to_have_erred() -> None:
    assert "neither errs on any of the pictures" in verdict(finished({"cnn": 0.0, "2xst": 0.0}))
    assert "they err on the same pictures" in verdict(finished({"cnn": 0.1, "2xst": 0.1}))


def test_no_error_on_few_pictures_is_no_certainty() -> None:
    assert "2 transformers err on 0 % (0 to 1 %)" in verdict(finished({"cnn": 0.2, "2xst": 0.0}))
