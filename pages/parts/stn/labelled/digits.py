"""All of MNIST as an input of the spatial screens: fetched once, then in the store."""

from __future__ import annotations

import streamlit as st

from core.errors import InvalidRequest
from core.runs.lab import lab
from core.settings import settings
from core.stn.datasets.mnist import fetch

MNIST = "All of MNIST"


def stored_mnist() -> tuple[str, ...]:
    """The digests of MNIST's four files in the store; they are fetched where they are missing, once the button is pressed.
    InvalidRequest before that."""
    digests = _digests(str(settings().home))
    if digests and all(lab().store.use(one) for one in digests):
        return tuple(digests)
    if not st.session_state.get("go"):
        raise InvalidRequest("MNIST is fetched when you press the button")
    with st.spinner("Fetching MNIST, 11 MB, once"):
        files = fetch(settings().home / "mnist", settings().mnist_url)
    digests[:] = map(lab().store.put, files)
    return tuple(digests)


@st.cache_resource(max_entries=1, show_spinner=False)
def _digests(home: str) -> list[str]:
    """Those of this lab, once its files have been read."""
    return []
