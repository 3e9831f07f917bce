"""Places and waits in words, as the screens and the command line say them."""

from __future__ import annotations

from dataclasses import replace

from core.runs.queue.places import Place

_STEPS = ((30.0, 5.0), (120.0, 10.0), (600.0, 60.0), (3600.0, 300.0))  # below the first, rounded to the second


def rounded(seconds: float) -> float:
    """As exact as a wait can be said; none is below 5 s."""
    step = next((step for below, step in _STEPS if seconds < below), 1800.0)
    return max(5.0, step * round(seconds / step))


def roughly(place: Place) -> Place:
    """The same, its wait as exact as it can be said: so that it does not change twice a second."""
    return replace(place, seconds=rounded(place.seconds))


def about(seconds: float) -> str:
    """ "about 40 s", "about 3 min", "about 2 h" """
    whole = rounded(seconds)
    if whole < 120:
        return f"about {whole:.0f} s"
    return f"about {whole / 60:.0f} min" if whole < 7200 else f"about {whole / 3600:.0f} h"


def ordinal(number: int) -> str:
    """ "1st", "2nd", "3rd", "11th" """
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def waiting(place: Place | None) -> str:
    """What a run that waits says of itself."""
    if place is None:
        return "waiting for a free worker"
    if place.seconds < 1:
        return "about to start"
    where = "next" if place.number == 1 else ordinal(place.number)
    return f"{where} in the queue, begins in {about(place.seconds)}"


def before_asking(place: Place | None) -> str:
    """What stands beside the button that starts a run; nothing where it would begin at once."""
    if place is None:
        return ""
    before = place.number - 1
    if not before:
        return f"All workers that may do it are busy: yours would be next, in {about(place.seconds)}."
    wait = "One run would be before yours" if before == 1 else f"{before} runs would be before yours"
    return f"{wait}: it would begin in {about(place.seconds)}."
