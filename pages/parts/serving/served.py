"""What follows when a page has been served: the start goes on after the first one, and imports leave garbage collection.

With torch loaded a full collection takes up to 170 ms, which is felt by a visitor who drags a slider. So what exists after a
heavy import is frozen: collections walk through what visitors have made since, in milliseconds. What was alive then and is
garbage now is collected when nobody has opened a page for a while.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from threading import Event

from core.system.memory import give_back

YOUNG = 50_000  # objects made since the last collection of young ones; by Python's 700 a tenth of a screen's time went there
HEAVY = ("plotly", "distributed", "torch")  # loaded one after the other, as screens need them
QUIET_SECONDS = 60.0  # without a page served
first_page = Event()  # set when the script of the first page has run to its end
_frozen: set[str] = set()
_since_collection: list[float] = []  # when the last page was served that no full collection has followed


def collect_seldom() -> None:
    """Let young objects be looked through after many were made, not after a few hundred."""
    gc.set_threshold(YOUNG, 20, 20)


def page_served() -> None:
    """At the end of every page's script. After the first one the start goes on, and freezes when that page is drawn."""
    _since_collection[:] = [time.monotonic()]
    if first_page.is_set():
        freeze()
    first_page.set()


def freeze() -> None:
    """Once for each of the heavy imports: what exists now is walked through by no later collection."""
    loaded = {name for name in HEAVY if name in sys.modules}
    if loaded > _frozen:
        _frozen.update(loaded)
        _collect_all()


def collect_when_quiet(let_go: Callable[[], None], quiet: float = QUIET_SECONDS) -> bool:
    """Let go of what is only kept for the next visitor and collect everything, once, when the last page was served so many
    seconds ago; whether that was done."""
    if not _since_collection or time.monotonic() - _since_collection[0] < quiet:
        return False
    _since_collection.clear()
    let_go()
    _collect_all()
    give_back()
    return True


def _collect_all() -> None:
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.collect()  # of nothing: Python's own full collections wait until garbage is a quarter of what the last one has left
