"""Where something lies on the screen, for mouse and finger, once nothing above it is still being loaded and moves it."""

from __future__ import annotations

from playwright.sync_api import FloatRect, Locator

QUIET, SAME = 120, 4  # ms between looks, and how many of them must be the same
PATIENCE = 30_000  # ms


def box_of(shown: Locator) -> FloatRect:
    """The box of an element, in pixels of the window: scrolled into sight, and at rest. What loads above it moves it."""
    looks: list[FloatRect | None] = []
    while len(looks) * QUIET < PATIENCE:
        shown.scroll_into_view_if_needed()
        loading = shown.page.get_by_test_id("stSkeleton").count()
        looks.append(None if loading else shown.bounding_box())
        box = looks[-1]
        if box and looks[-1:] * SAME == looks[-SAME:]:
            return box
        shown.page.wait_for_timeout(QUIET)
    raise AssertionError("it moves on and on, or is not there")


def middle_of(shown: Locator) -> tuple[float, float]:
    """The middle of its box."""
    box = box_of(shown)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(shown: Locator, right: float = 0, down: float = 0) -> None:
    """Press the mouse on the middle of an element, move it by so many pixels and let it go."""
    mouse, (x, y) = shown.page.mouse, middle_of(shown)
    mouse.move(x, y)
    mouse.down()
    if right or down:
        mouse.move(x + right, y + down, steps=4)
    mouse.up()
