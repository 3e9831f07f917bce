"""The frame around every screen, and the one script that Streamlit runs: page config and navigation."""

import sys
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
if str(HERE.parent) not in sys.path:  # `core` and `pages` are found wherever the app was started from
    sys.path.insert(0, str(HERE.parent))

st.set_page_config("Gridcast", page_icon=str(HERE / "parts" / "icon.png"), layout="wide")

screens = [
    st.Page(HERE / "home.py", title="Home", url_path="home", default=True, help="Two finished experiments and recent runs"),
    st.Page(HERE / "warp.py", title="Warp", help="Bend an image by hand"),
    st.Page(HERE / "stn.py", title="Spatial transformers", help="Train a network to straighten your images"),
    st.Page(HERE / "rnn.py", title="Recurrent forecasters", help="Compare recurrent networks on a ticker"),
    st.Page(HERE / "sweep.py", title="Sweep", help="The same comparison on many tickers"),
    st.Page(HERE / "traps.py", title="Traps", help="Six ways to fool yourself, on your ticker"),
    st.Page(HERE / "runs.py", title="Runs", help="Every run of this lab"),
    st.Page(HERE / "run.py", title="Run", visibility="hidden", help="One run, live or finished"),
]
st.navigation(screens, position="top").run()
