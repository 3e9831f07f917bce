"""Gridcast in the browser: `streamlit run app.py`.

The script that Streamlit runs is pages/frame.py; this file is what happens once, before the first visitor: the engine starts,
the heavy imports are done and frozen, so that no garbage collection ever walks them again.
"""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from core.runs import local

for name, value in local.ONE_THREAD.items():
    os.environ.setdefault(name, value)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    from core.runs.engine import engine
    from core.runs.lab import lab

    warm()
    running = engine()
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        running.close()
        lab().registry.close()


def warm() -> None:
    """Import what the screens need, and bend one image, so that the first visitor does not wait for it."""
    import numpy as np

    import core.rnn.compare
    import core.stn.rectify  # noqa: F401
    from core.stn.sampling import warp

    warp(np.zeros((8, 8, 3), np.uint8), np.eye(2, 3))


app = st.App("pages/frame.py", lifespan=lifespan)
