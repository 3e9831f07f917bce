"""What a visitor is told when a screen cannot be drawn: the sentence of what the lab knows, a number for what it does not."""

from __future__ import annotations

import logging
import uuid

import streamlit as st
import streamlit.logger

from core.errors import GridcastError
from core.system.events import LOGGER, Lines, event
from pages.parts.plain_text import plain

SAFE = " Your runs are safe."


def report_of_our_own() -> None:
    """Let Streamlit and what serves it write lines as our log has them, a traceback as a field of its line; none of tracebacks
    of screens: those of defects are in our log, under a number."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())

    def set_up(logger: logging.Logger) -> None:
        logger.handlers[:] = [handler]

    streamlit.logger.setup_formatter = set_up
    streamlit.logger.update_formatter()
    logging.getLogger("streamlit.error_util").addFilter(lambda record: record.getMessage() != "Uncaught app execution")


def report(error: Exception) -> bool:
    """An error that no screen expects, told on the page; always True: there is nothing more to show."""
    if isinstance(error, GridcastError):
        event("screen not drawn", {"reason": str(error)}, logging.WARNING)
        st.error(plain(str(error)), icon=":material/error:")
        return True
    number = uuid.uuid4().hex[:6]
    LOGGER.error("defect", extra={"fields": {"number": number}}, exc_info=error)
    st.error(
        f"Something in the lab broke (error {number}, in the server's log). Reload the page.{SAFE if runs_are_safe() else ''}"
    )
    return True


def runs_are_safe() -> bool:
    """Whether the lab's database answers, which holds what became of every run."""
    from core.runs.lab import lab

    try:
        lab().registry.check()
    except GridcastError:
        return False
    return True
