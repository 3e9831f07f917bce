"""All of MNIST as an input of the spatial screens: fetched once, then in the store."""

from __future__ import annotations

import streamlit as st

from core.runs.lab import lab
from core.settings import settings
from core.stn.datasets.mnist import fetch

MNIST = "All of MNIST"


def stored_mnist() -> tuple[str, ...]:
    """The digests of MNIST's four files in the store; they are fetched where they are missing."""
    with st.spinner("Fetching MNIST, 11 MB, once"):
        files = fetch(settings().home / "mnist", settings().mnist_url)
    return tuple(map(lab().store.put, files))
