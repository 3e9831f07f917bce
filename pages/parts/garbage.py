"""Takes imported libraries out of garbage collection, so that no later collection walks through them.

With torch loaded a full collection takes up to 170 ms, which is felt by a visitor who drags a slider.
"""

from __future__ import annotations

import gc
import sys

HEAVY = ("plotly", "distributed", "torch")  # loaded one after the other, as screens need them
_frozen: set[str] = set()


def freeze_imports() -> None:
    """After a screen that has imported another heavy library: take all objects that exist now out of later collections."""
    loaded = {name for name in HEAVY if name in sys.modules}
    if loaded > _frozen:
        _frozen.update(loaded)
        gc.collect()
        gc.freeze()
