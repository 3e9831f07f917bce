"""Gridcast in the browser: `python serve.py`, or `streamlit run app.py`.

The script that Streamlit runs is pages/frame.py; this file is what happens once. The server answers at once; meanwhile one
thread reads what the first page needs, and another starts the engine when that page is there, or when a visitor needs it; then
it loads torch, so that the first visitor who looks inside a network does not wait for it.
"""

import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event, Thread

import streamlit as st
from starlette.middleware import Middleware
from streamlit.net_util import get_internal_ip
from streamlit.web.server.server_util import get_url

from core.errors import GridcastError, InvalidRequest
from core.settings import ONE_THREAD, settings
from core.system.events import LOGGER, event, listen, write_events
from core.system.memory import use_one_heap
from core.watching.tallies import TALLIES
from pages.parts.routes.base_address import BaseAddress
from pages.parts.routes.hosts import OTHER_PROGRAM, Hosts, Names, said_at_the_start
from pages.parts.routes.message_limit import MessageLimit
from pages.parts.routes.table import routes
from pages.parts.routes.upload_limits import UploadLimits
from pages.parts.serving.defects import report, report_of_our_own
from pages.parts.serving.served import collect_seldom, collect_when_quiet, first_page, freeze
from pages.parts.serving.stopping import leave_if_signalled, stop_within
from pages.parts.serving.theme_message import colour_by_bench, make_theme_once
from pages.parts.visitors.cookie import Cookie

for name, value in ONE_THREAD.items():
    os.environ.setdefault(name, value)
use_one_heap()
collect_seldom()
report_of_our_own()
make_theme_once()
colour_by_bench()
try:
    settings()
except InvalidRequest as error:
    print(f"error: {error}", file=sys.stderr, flush=True)
    os._exit(2)  # Streamlit would print a traceback for everything that is raised here

FIRST_PAGE_SECONDS, DRAWING_SECONDS = 5.0, 1.0  # how long the engine waits for the first visitor, and for the browser
BASE_PATH = st.get_option("server.baseUrlPath")
ALLOWED_HOSTS = st.get_option("server.allowedHosts")
WATCH_SECONDS = 10.0  # between two looks whether the engine lives and visitors have left
closing = Event()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    print(f"\n  {said()}\n", flush=True)
    write_events(sys.stderr, settings().log)
    listen(TALLIES.hear)
    stop_within()
    for step in (prepare, start_engine):
        Thread(target=logged, args=(step,), name=step.__name__, daemon=True).start()  # a server that stops waits for neither
    try:
        yield
    finally:
        closing.set()
        first_page.set()
        logged(close)
        leave_if_signalled()


def said() -> str:
    """Where the lab is and who reaches it; only a server that Streamlit started listens where its settings say."""
    if "streamlit.web.cli" not in sys.modules:
        return OTHER_PROGRAM
    url, address = get_url(st.get_option("browser.serverAddress")), st.get_option("server.address")
    return said_at_the_start(url, address, ALLOWED_HOSTS, get_url(get_internal_ip() or ""))


def prepare() -> None:
    """Add the shipped runs to the lab and import what draws them, so that the first page opens quickly."""
    from core.runs.bundle import examples
    from core.runs.lab import lab

    examples(lab())
    lab().purge()
    import pages.parts.rnn.compare
    import pages.parts.stn.straighten_result  # noqa: F401


def start_engine() -> None:
    """Start the engine's processes, which would take the processor from the first page, as soon as that is drawn."""
    first_page.wait(FIRST_PAGE_SECONDS)
    closing.wait(DRAWING_SECONDS)  # what was served is still being drawn
    freeze()
    from core.runs.engine import engine
    from core.runs.lab import lab

    if not closing.is_set():
        logged(engine)
    if settings().warm and not closing.wait(DRAWING_SECONDS):
        logged(warm)
    while not closing.wait(WATCH_SECONDS):
        logged(engine)  # one that has ended is started again, even where no visitor needs it
        logged(lambda: collect_when_quiet(lab().opened.let_go))  # a database that is away must not end this thread


def warm() -> None:
    """Load torch and the screens that compute with it."""
    import pages.parts.memory.equations  # noqa: F401

    freeze()


def close() -> None:
    """End the engine; runs of this process that are still alive count as interrupted."""
    from core.runs.engine import end_engine
    from core.runs.lab import lab

    end_engine()
    lab().registry.close()


def logged(step: Callable[[], object]) -> None:
    """Run one step of the start; a failure is logged, and whoever needs the step later tries it again."""
    try:
        step()
    except GridcastError as error:
        event("the start is not complete", {"reason": str(error)}, logging.ERROR)
    except (OSError, ImportError):
        LOGGER.exception("the start is not complete")


app = st.App(
    "pages/frame.py",
    lifespan=lifespan,
    routes=routes(BASE_PATH),
    middleware=[
        Middleware(Hosts, names=Names(ALLOWED_HOSTS, st.get_option("server.corsAllowedOrigins"))),
        Middleware(Cookie, base_path=BASE_PATH),
        Middleware(UploadLimits),
        Middleware(MessageLimit),
        Middleware(BaseAddress, base_path=BASE_PATH),
    ],
    on_script_error=report,
)
