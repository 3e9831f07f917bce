"""Gridcast in the browser: `streamlit run app.py`.

The script that Streamlit runs is pages/frame.py; this file is what happens once, before the first visitor: the engine starts,
the heavy imports are done and frozen, so that no garbage collection ever walks them again.
"""

import gc
import logging
import os
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from core.settings import ONE_THREAD
from pages.parts.base_address import TellAddress

for name, value in ONE_THREAD.items():
    os.environ.setdefault(name, value)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    from core.runs.engine import engine
    from core.runs.lab import lab

    with ThreadPoolExecutor() as pool:  # the engine's processes start while this one imports
        starting = pool.submit(engine)
        warm()
    running = starting.result()
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        running.close()
        lab().registry.close()


def warm() -> None:
    """Import what the screens need, bend one image, and take in the shipped runs, so that the first visitor finds them."""
    import numpy as np

    import core.rnn.compare.request
    import core.stn.straighten.request  # noqa: F401
    from core.runs.bundle import examples
    from core.runs.lab import lab
    from core.stn.geometry.warping import warp

    warp(np.zeros((8, 8, 3), np.uint8), np.eye(2, 3))
    examples(lab())


def say_sorry(error: Exception) -> bool:
    """A defect of ours: the visitor gets a number, the log the rest."""
    number = uuid.uuid4().hex[:6]
    logging.getLogger("gridcast").error("error %s", number, exc_info=error)
    st.error(f"Something in the lab broke (error {number}, in the server's log). Reload the page; your runs are safe.")
    return True


app = st.App(
    "pages/frame.py",
    lifespan=lifespan,
    middleware=[Middleware(TellAddress, base_path=st.get_option("server.baseUrlPath"))],
    on_script_error=say_sorry,
)
