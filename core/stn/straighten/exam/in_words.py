"""What the test of a straighten run came to, in sentences: with what counts as right, what is believed, how many trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.made_once import made_once
from core.stn.datasets.tilts import TILTS
from core.stn.learning.belief import BELIEVED, RIGHT
from core.stn.straighten.exam.size import LEAST_TRIALS, TRIALS
from core.stn.straighten.result import StraightenResult


def off_by(degrees: float) -> str:
    """Of one photo, the error of its angle."""
    return f"off by {degrees:.{1 if degrees >= 1 else 2}f}°"


@made_once
def score_in_words(result: StraightenResult) -> str:
    scores: Mapping[str, Any] = result.scores
    if result.turns:
        before, after = f"turned by {scores['angle_error_before_deg']:.1f}°", f"{scores['angle_error_deg']:.2f}°"
    else:
        before, after = f"off by {scores['grid_error_before']:.1f} %", f"{scores['grid_error_after']:.2f} %"
    words = (
        f"On **{scores['seen_trials']} distortions it had never seen** the photos were {before} in the median; "
        f"straightened, they are off by **{after}**. In the mean over a photo, its points end "
        f"{scores['grid_error_after']:.2f} % of the short side from where they belong; grey levels differ from the original by "
        f"{scores['pixel_error_before']:.0f} before and {scores['pixel_error_after']:.0f} after."
    )
    unseen = scores["unseen_images_angle_error_deg" if result.turns else "unseen_images_grid_error"]
    if unseen is not None:
        unit = "°" if result.turns else " %"
        words += f" On {scores['unseen_trials']} distortions of photos it had never seen: **{unseen:.2f}{unit}**."
    if result.deskew_error_deg is not None:
        words += (
            " Those with level lines, read by these as a scanner reads a page, are off by "
            f"{result.deskew_error_deg:.2f}° (projection profile)."
        )
    words += new_photos_in_words(scores, "°" if result.turns else " %")
    words += belief_in_words(scores, f"{RIGHT:g}°" if result.turns else f"{RIGHT:g} % of the short side")
    words += tilts_in_words(result)
    if result.stopped:
        words += f" It was stopped after {result.film_seconds[-1]:.0f} seconds of learning."
    return words


def belief_in_words(scores: Mapping[str, Any], unit: str) -> str:
    """How far the network believed its answers, and whether that was right; nothing for results older than belief."""
    if "believed" not in scores:
        return ""
    words = f" It **believed {100 * scores['believed']:.0f} %** of its answers to photos it learned from"
    if scores["strangers_believed"] is not None:
        words += f" and {100 * scores['strangers_believed']:.0f} % of those to pictures of other kinds"
    wrong = scores["believed_wrong"]
    if wrong is not None:
        words += f"; {100 * wrong:.1f} % of what it believed was off by more than {unit}, which counts as wrong"
    return f"{words} (it believes an answer that is right with a probability of {100 * BELIEVED:.0f} % or more)."


def new_photos_in_words(scores: Mapping[str, Any], unit: str) -> str:
    """What becomes of photos of the kind that a network has not learned from; nothing where that was not tried."""
    if "new_photos_error" not in scores:
        return ""
    after, before, believed = (scores[f"new_photos_{name}"] for name in ("error", "before", "believed"))
    words = f" A second network, which learned from half of these photos, is off by {after:.2f}{unit} on the other half"
    return (
        words + f" (untouched {before:.1f}{unit}), and {100 * believed:.0f} % of that would be believed: so may new photos be."
    )


def tilts_in_words(result: StraightenResult) -> str:
    """How it does on tilts as people make them; nothing for results that have none."""
    scores: Mapping[str, Any] = result.scores
    if "slight_deg" not in scores:
        return ""
    kinds = [
        f"{tilt.title} {scores[f'{name}_deg']:.2f}° in the median and {scores[f'{name}_worst_deg']:.1f}° at worst"
        for name, tilt in TILTS.items()
        if name != "slight"
    ]
    before, left = scores["slight_before_deg"], scores["slight_left_deg"]
    slight = f"Tilts of at most ±5° are off by {before:.2f}° untouched and by {left:.2f}° after"
    rows = result.tilts[result.tilts.tilt == "slight"]
    alone = int((rows.belief < BELIEVED).sum())
    why = f": {alone} of the {len(rows)} were not believed, and what is not believed is left as it is" if alone else ""
    worse = ", so it makes them worse" if left > before else ""
    return f"\n\nOn tilts as people make them it is off by: {'; '.join(kinds)}. {slight}{worse}{why}."


def trials_in_words(result: StraightenResult) -> str:
    """Why it has so many trials, and what is measured after the training."""
    at_most = f"the test takes what is left of the time, {LEAST_TRIALS} trials at least and {TRIALS} at most"
    return f"{len(result.trials)} trials: {at_most}, so that a longer run, or a faster machine, has more."


def while_it_learned(result: StraightenResult) -> str:
    """What the error by step measures, beside that of the headline."""
    what = "The median over the same 8 distortions of photos that it learns from, measured again and again."
    return f"{what} The headline's is that of the {len(result.trials[result.trials.seen])} others of the test, so both differ."
