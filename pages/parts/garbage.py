"""What was imported stays: no garbage collection needs to walk it again.

With torch loaded a full collection takes up to 170 ms, which the visitor who drags a slider would feel.
"""

from __future__ import annotations

import gc
import sys

HEAVY = ("plotly", "distributed", "torch")  # loaded one after the other, as screens need them
_frozen: set[str] = set()


def leave_to_no_collection() -> None:
    """After a screen that brought one of the heavy libraries: take all that there is now out of later collections."""
    loaded = {name for name in HEAVY if name in sys.modules}
    if loaded > _frozen:
        _frozen.update(loaded)
        gc.collect()
        gc.freeze()
