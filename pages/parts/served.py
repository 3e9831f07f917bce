"""What follows when a page has been served: the start goes on after the first one, and imports leave garbage collection.

With torch loaded a full collection takes up to 170 ms, which is felt by a visitor who drags a slider.
"""

from __future__ import annotations

import gc
import sys
from threading import Event

HEAVY = ("plotly", "distributed", "torch")  # loaded one after the other, as screens need them
first_page = Event()  # set when the script of the first page has run to its end
_frozen: set[str] = set()


def page_served() -> None:
    """At the end of every page's script."""
    first_page.set()
    freeze()


def freeze() -> None:
    """Once for each of the heavy imports: what exists now is walked through by no later collection."""
    loaded = {name for name in HEAVY if name in sys.modules}
    if loaded > _frozen:
        _frozen.update(loaded)
        gc.collect()
        gc.freeze()
