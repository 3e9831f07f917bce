"""Gridcast's server from a shell: `python serve.py` is `streamlit run app.py`, and takes the same options.

Streamlit takes a moment to load. Interrupted in it, Python would print where it was; this process just ends.
"""

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the server has its own handler

if __name__ == "__main__":
    from streamlit.web.cli import main

    sys.argv[1:1] = ["run", "app.py"]
    main(prog_name="streamlit")
