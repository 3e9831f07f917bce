"""Health rules: what is wrong with a spatial transformer that is learning, in plain words, and what to change.

The rules cover the known failures: blank outputs (the gradient outside an image is zero, so a grid that has left it stays
outside), pictures that shrink, a theta that explodes, a transformer that does the same to every image, a localiser that learns
too fast. The measurements are those of `vital_signs`; each rule recognises one failure in them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import Tensor, nn

from core.checkpoints.values import value_of
from core.stn.learning.diagnosis import PATIENCE, SAME, Diagnosis
from core.stn.learning.vital_signs import SECONDS, Gauge, Vitals
from core.training import History

FAR = 3.0  # half sides from where it should look, in the mean: further than any picture reaches
WIDE, TINY = 3.0, 0.02  # areas seen, the picture's own being 1: more shows it small, less shows one spot
MUCH = 0.5  # share of outputs or of points that is too much
RESTLESS = 0.35  # half sides that thetas move between two measurements, again and again
SPIKE = 3.0  # times the lowest loss
FALLEN = 0.97  # of the first loss: more has not fallen
_RECENT = 4  # measurements

SLOWER = "Lower the localiser's learning rate, to a tenth of the others' if need be"

Rule = Callable[[Sequence[Vitals]], Diagnosis | None]  # of all measurements so far, at least one; None: it finds nothing wrong


def _exploded(history: Sequence[Vitals]) -> Diagnosis | None:
    now = history[-1]
    if now.finite and now.distance < FAR:
        return None
    how_far = f"looks {now.distance:.1f} half pictures away from where it began" if now.finite else "is no longer a number"
    return Diagnosis(
        "bad",
        f"θ explodes: it {how_far}.",
        "The localiser's steps are too long, and out there no gradient brings it back.",
        f"{SLOWER}, and start again: it begins with the identity.",
    )


def _blank(history: Sequence[Vitals]) -> Diagnosis | None:
    now = history[-1]
    if now.blank < MUCH:
        return None
    where = (
        f"{100 * now.outside:.0f} % of the grid look outside the image"
        if now.outside > 0.2
        else "the grid looks at one flat spot"
    )
    return Diagnosis(
        "bad",
        f"Blank outputs: {100 * now.blank:.0f} % of them show one flat colour, because {where}.",
        "Where nothing varies the gradient is zero, so it cannot come back by itself.",
        f"{SLOWER}, use border padding, and start again.",
    )


def _shrunk(history: Sequence[Vitals]) -> Diagnosis | None:
    now = history[-1]
    if now.area < WIDE or now.outside < 0.3:
        return None
    return Diagnosis(
        "bad",
        f"Everything shrinks: the grid spans {now.area:.1f} times the image, which shows it small on an empty canvas.",
        "A small picture is easy to match badly, and nothing holds the scale.",
        "Choose a family without scale, or lower the localiser's learning rate.",
    )


def _on_one_spot(history: Sequence[Vitals]) -> Diagnosis | None:
    now = history[-1]
    if now.area > TINY:
        return None
    return Diagnosis(
        "bad",
        f"Everything looks at one spot: the grid spans {100 * now.area:.1f} % of the image.",
        "Magnified so far all images look alike, and the loss rewards that.",
        "Choose a family without scale, or lower the localiser's learning rate.",
    )


def _mirrored(history: Sequence[Vitals]) -> Diagnosis | None:
    now = history[-1]
    if now.mirrored < MUCH:
        return None
    return Diagnosis(
        "bad",
        f"It mirrors the images: {100 * now.mirrored:.0f} % of what it looks at is seen mirrored.",
        "A mirror image cannot be turned back: on the way to it a picture is squeezed flat.",
        "Begin with the identity, or choose a family that cannot mirror, and start again.",
    )


def _too_fast(history: Sequence[Vitals]) -> Diagnosis | None:
    recent = history[-_RECENT:]
    losses = [vitals.loss for vitals in history if math.isfinite(vitals.loss)]
    spiked = len(losses) > 1 and losses[-1] > SPIKE * min(losses) and recent[-1].jump > RESTLESS
    restless = len(history) > _RECENT + 1 and min(vitals.jump for vitals in recent) > RESTLESS
    if not (spiked or restless):
        return None
    ratio = recent[-1].gradient_ratio
    compared = f", with gradients {ratio:.1f} times those of the rest" if math.isfinite(ratio) else ""
    return Diagnosis(
        "bad" if spiked else "watch",
        f"The localiser is too fast: θ jumps by {recent[-1].jump:.2f} half pictures from one look to the next{compared}.",
        "What comes after it never sees the same picture twice." if compared else "It leaps over what it looks for.",
        f"{SLOWER}.",
    )


def _ignores(history: Sequence[Vitals]) -> Diagnosis | None:
    now = history[-1]
    if now.spread > SAME:
        return None
    if now.step < PATIENCE:
        return Diagnosis("watch", f"θ is still the same for every image after {now.step} steps.")
    doing = "leaves every image as it is" if now.distance < SAME else "does the same to every image"
    if now.saturated > 0.9:
        why = f"{100 * now.saturated:.0f} % of its last hidden units are dead, so it no longer sees the image."
        change = f"{SLOWER}, and start again."
    elif not any(before.jump > 0 for before in history[1:]):
        why, change = "Its weights do not move at all.", "Let it learn: its learning rate is zero, or its weights are frozen."
    else:
        why = "Turning or moving the image does not lower the loss, or not yet."
        change = "Train for longer, distort more, or give the localiser a higher learning rate."
    return Diagnosis("bad", f"The transformer ignores the image: after {now.step} steps it {doing}.", why, change)


def _outside(history: Sequence[Vitals]) -> Diagnosis | None:
    now = history[-1]
    if now.outside < MUCH:
        return None
    return Diagnosis(
        "watch",
        f"{100 * now.outside:.0f} % of the grid look outside the image.",
        "There the gradient is zero, so it may not find back.",
        f"{SLOWER}, or use border padding.",
    )


def _no_progress(history: Sequence[Vitals]) -> Diagnosis | None:
    losses = [vitals.loss for vitals in history if math.isfinite(vitals.loss)]
    if history[-1].step < PATIENCE or len(losses) < 2 or min(losses[1:]) < FALLEN * losses[0]:
        return None
    return Diagnosis(
        "watch",
        f"The loss does not fall: {losses[-1]:.3g} after {history[-1].step} steps, {losses[0]:.3g} at the beginning.",
        "θ moves, but it does not help.",
        "Train for longer, distort less, or lower the learning rate.",
    )


def _well(history: Sequence[Vitals]) -> Diagnosis:
    losses = [vitals.loss for vitals in history if math.isfinite(vitals.loss)]
    fallen = (
        f", and the loss is {100 * (losses[-1] / losses[0]):.0f} % of what it was" if len(losses) > 1 and losses[0] > 0 else ""
    )
    return Diagnosis("good", f"Nothing amiss so far: θ differs from image to image{fallen}.")


# The most serious first: the diagnosis is that of the first rule that finds something. To add a rule, write a function of the
# measurements and put it in its place; progress notes, results and screens show its diagnosis.
RULES: list[Rule] = [_exploded, _blank, _shrunk, _on_one_spot, _mirrored, _too_fast, _ignores, _outside, _no_progress]


def diagnose(history: Sequence[Vitals]) -> Diagnosis:
    """The diagnosis of the measurements so far: that of the first rule that finds something."""
    if not history:
        return Diagnosis("watch", "Nothing has been measured yet.")
    return next(filter(None, (rule(history) for rule in RULES)), _well(history))


class HealthMonitor:
    """Measures one transformer while it is trained, and diagnoses it."""

    def __init__(
        self,
        localizer: nn.Module,
        look: Callable[[Tensor, Tensor], Tensor],
        images: Tensor,
        rest: Iterable[nn.Parameter] = (),
    ) -> None:
        """`images` (B, C, H, W) are a fixed batch as the localiser sees them; the other arguments are those of `Gauge`."""
        self._gauge = Gauge(localizer, look, images, rest)
        self.vitals: list[Vitals] = []
        self.diagnosis = diagnose(())

    def state(self) -> Any:
        """Its measurements; see `training.Observer`."""
        return {"vitals": self.vitals, "gauge": self._gauge.state()}

    def restore(self, state: Any) -> None:
        self.vitals = value_of(list[Vitals], state["vitals"])
        self._gauge.restore(state["gauge"])
        self.diagnosis = diagnose(self.vitals)

    def diagnose(self, history: History) -> Diagnosis:
        """The diagnosis now; measured again at most twice a second."""
        if not self.vitals or history.seconds - self.vitals[-1].seconds >= SECONDS:
            self.measure(history)
        return self.diagnosis

    def measure(self, history: History) -> None:
        """Measure again, whenever it was measured last: at the end of a training."""
        self.vitals.append(self._gauge.take(history))
        self.diagnosis = diagnose(self.vitals)
