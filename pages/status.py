"""What this server is doing: visitors, workers, queue, memory, store, database, Yahoo, versions."""

from __future__ import annotations

from datetime import UTC, datetime

import humanize
import pandas as pd
import streamlit as st

from core.runs.kinds import KINDS
from core.watching.status import Status
from pages.parts.layout import heading, table
from pages.parts.routes.watching import status_here

POLL_SECONDS = 5.0
STATES = ("queued", "running", "done", "failed", "cancelled", "interrupted")
ENGINE = {"starting": "is starting", "lives": "is up", "ended": "has ended and is started again within seconds"}


def megabytes(size: float) -> str:
    return f"{size:,.0f} MB"


def clock(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M} UTC"


def numbers(status: Status) -> None:
    busy = sum(worker.run is not None for worker in status.workers)
    shown = {
        "Visitors": "–" if status.visitors is None else f"{status.visitors}",
        "Workers at work": f"{busy} of {len(status.workers)}",
        "Runs at work": f"{status.running}",
        "Runs waiting": f"{status.waiting}",
        "Server's memory": megabytes(status.memory_mb),
        f"Store, of {megabytes(status.store_limit_mb)}": megabytes(status.store_mb),
    }
    with st.grid(6, min_column_width=150):
        for label, value in shown.items():
            st.metric(label, value)


def in_words(status: Status) -> str:
    """Engine, database, Yahoo, each in a sentence."""
    database = "does not answer" if status.database_problem else "answers"
    requests = sum(status.yahoo.asked.values())
    yahoo = f"Yahoo was asked {requests:,} times since the start" if requests else "Yahoo was not asked since the start"
    if status.yahoo.last is not None:
        answered = status.yahoo.outcome == "answered"
        last = "it answered" if answered else f"it did not answer with prices ({status.yahoo.outcome})"
        yahoo += f"; the last time, at {clock(status.yahoo.last)}, {last}"
    if status.yahoo.waits_until is not None:
        yahoo += f"; it asks to wait until {clock(status.yahoo.waits_until)}"
    up = humanize.naturaldelta(status.uptime)
    database = f"The database ({status.database}) {database}."
    database += " The store does not answer." if status.store_problem else ""
    return f"The server has been up for {up}. The engine {ENGINE[status.engine]}. {database} {yahoo}."


def workers(status: Status) -> None:
    st.subheader("Workers", anchor=False)
    rows = [
        {"worker": one.number, "state": f"does run {one.run}" if one.run else "is free", "memory": megabytes(one.memory_mb),
         "may use": megabytes(one.limit_mb) if one.limit_mb else "any"}
        for one in status.workers
    ]  # fmt: skip
    if rows:
        table(pd.DataFrame(rows))
    else:
        st.caption("This server's engine has no workers yet.")


def runs(status: Status) -> None:
    st.subheader("Runs", anchor=False)
    rows = [
        {"kind": KINDS[kind].title if kind in KINDS else kind} | {state: states.get(state, 0) for state in STATES}
        for kind, states in sorted(status.runs.items())
    ]
    table(pd.DataFrame(rows))


@st.fragment(run_every=POLL_SECONDS)
def drawn() -> None:
    status = status_here()
    numbers(status)
    st.markdown(in_words(status))
    workers(status)
    runs(status)
    versions = " · ".join(f"{name} {number}" for name, number in status.versions.items())
    st.caption(f"{versions}{f' · commit {status.commit}' if status.commit else ''}")


heading("Status", "What this server is doing now. The same as JSON at `/api/status`, for Prometheus at `/api/metrics`.")
drawn()
