"""Why a panel breaks, in words, by what was measured of it and nothing else: not by what it is called or set to.

Rules for what `gradient_flow` measures stand before those of `core.stn.learning.health`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.stn.collapse.gradient_flow import Flow
from core.stn.learning.diagnosis import SAME, Diagnosis
from core.stn.learning.health import FALLEN, MUCH, RESTLESS
from core.stn.learning.health import diagnose as health
from core.stn.learning.vital_signs import Vitals

DEAD = 0.95  # share of the points without any gradient from which on nothing can be learned
LEAP = 30.0  # half sides from one measurement to the next: no gradient leads so far
SATURATED = 0.9  # share of the last hidden units that are 0 for every image
LEARNED = 0.5  # of the loss at the beginning, or of an empty output


@dataclass(frozen=True)
class Course:
    """What was measured of one panel so far, the first before its first step."""

    flows: Sequence[Flow]
    vitals: Sequence[Vitals]
    empty: float  # the loss of an output that shows nothing
    diverged: str = ""  # why the training ended early

    @property
    def now(self) -> Flow:
        return self.flows[-1]

    @property
    def first(self) -> Flow:
        return self.flows[0]

    @property
    def dead(self) -> str:
        """The share of the points without a gradient, in words."""
        dead, blind = 100 * self.now.dead, 100 * self.now.blind
        return f"∂V/∂grid is exactly 0 at {dead:.0f} % of the points, ∂L/∂θ for {blind:.0f} % of the images"

    @property
    def signs(self) -> list[Vitals]:
        """The vital signs with the loss and the share outside that screens show: those of the fixed images, at every point."""
        both = zip(self.vitals, self.flows, strict=True)
        return [replace(vitals, loss=flow.loss, outside=flow.outside) for vitals, flow in both]

    def until(self, count: int) -> Course:
        return Course(self.flows[:count], self.vitals[:count], self.empty)


Rule = Callable[[Course], Diagnosis | None]


def _diverged(course: Course) -> Diagnosis | None:
    if not course.diverged:
        return None
    return Diagnosis("bad", f"It ended early: {course.diverged}.", "", "Lower the learning rate.")


def _elsewhere(course: Course) -> Diagnosis | None:
    """It looks outside and has learned all the same."""
    now = course.now
    if now.outside < MUCH or now.loss > LEARNED * min(course.first.loss, course.empty):
        return None
    return Diagnosis(
        "watch",
        f"It has learned beside the image: {100 * now.outside:.0f} % of the grid look outside, at a copy that the "
        f"padding shows there; "
        f"the loss is {100 * (now.loss / course.first.loss):.0f} % of what it was.",
        f"There is a gradient: ∂V/∂grid is 0 at only {100 * now.dead:.0f} % of the points.",
    )


def _flat_kernel(course: Course) -> Diagnosis | None:
    now = course.now
    if not now.dead_inside >= DEAD or now.outside >= MUCH:
        return None
    return Diagnosis(
        "bad",
        f"No gradient: {course.dead}, though {100 * (1 - now.outside):.0f} % of the grid look inside the image.",
        "So it is the kernel: it is flat between its jumps, and θ never learns where to go.",
        "Choose a kernel with a slope, such as bilinear.",
    )


def _began_outside(course: Course) -> Diagnosis | None:
    first, now = course.first, course.now
    if first.outside < MUCH or now.outside < MUCH:
        return None
    began = f"It began outside and is there still: {100 * first.outside:.0f} % of the grid looked outside the image at first, "
    symptom = f"{began}{100 * now.outside:.0f} % now; {course.dead}."
    if now.dead < MUCH:
        shown = f"It follows what the padding shows there: the loss is {100 * (now.loss / first.loss):.0f} % of what it was."
        return Diagnosis("watch", symptom, shown, "Begin with the identity.")
    stays = "Nothing tells θ where the image is." if now.dead >= DEAD else "What is left of the gradient does not lead back."
    return Diagnosis("bad", symptom, stays, "Begin with the identity.")


def _left(course: Course) -> Diagnosis | None:
    now = course.now
    if now.outside < MUCH or now.dead < DEAD:
        return None
    gone = next(flow for flow in course.flows if flow.outside >= MUCH)
    symptom = f"θ has left the image: after {gone.step} steps {100 * gone.outside:.0f} % of the grid looked outside, now "
    symptom += f"{100 * now.outside:.0f} %; {course.dead}."
    jump = max((vitals.jump for vitals in course.vitals), default=0.0)
    if jump < LEAP and course.first.loss > course.empty:
        why = f"An empty output costs {course.empty:.3g}, less than what it saw at first ({course.first.loss:.3g})."
        return Diagnosis(
            "bad", symptom, f"{why} So leaving lowered the loss.", "Use border padding, with which nothing is empty."
        )
    why = f"Its steps are too long: from one measurement to the next θ moved by up to {jump:.1f} half pictures."
    return Diagnosis("bad", symptom, why if jump > RESTLESS else "", "Lower the learning rate.")


def _dead_units(course: Course) -> Diagnosis | None:
    now = course.vitals[-1]
    if now.saturated < SATURATED or now.spread > SAME:
        return None
    return Diagnosis(
        "bad",
        f"It no longer sees the image: {100 * now.saturated:.0f} % of the last hidden units are 0 for every image.",
        "Through a unit that is 0 no gradient passes to the layers before it.",
        "Lower the learning rate.",
    )


def _plateau(course: Course) -> Diagnosis | None:
    now, first = course.now, course.first
    if now.loss < FALLEN * first.loss or len(course.flows) < 4:
        return None
    return Diagnosis(
        "watch",
        f"The loss does not fall: {now.loss:.3g} after {now.step} steps, {first.loss:.3g} at the beginning.",
        f"A gradient is there: ∂V/∂grid is 0 at only {100 * now.dead:.0f} % of the points.",
        "Train for longer, or change the learning rate.",
    )


RULES: tuple[Rule, ...] = (_diverged, _elsewhere, _flat_kernel, _began_outside, _left, _dead_units)


def diagnose(course: Course) -> Diagnosis:
    """The diagnosis of what was measured so far: that of the first rule that finds something."""
    reason = next(filter(None, (rule(course) for rule in RULES)), None) or health(course.signs)
    return (reason.level != "bad" and _plateau(course)) or reason


def broke_at(course: Course) -> int | None:
    """The step of the measurement from which on every diagnosis is a bad one; None where the last one is not."""
    broken = None
    for count in range(len(course.flows), 0, -1):
        if diagnose(course if count == len(course.flows) else course.until(count)).level != "bad":
            break
        broken = course.flows[count - 1].step
    return broken
