"""Links of earlier versions: where the name of a control in the address has changed, its new name is put in its place."""

from __future__ import annotations

import streamlit as st

RENAMED = {"look": "show", "view": "show", "trap": "show"}
MARKS = {"grid", "outside"}  # of /warp, chosen by `show` once


def renew_address() -> None:
    """Rewrite the names of an earlier version in the address, and run again with what stands there now."""
    params = st.query_params
    old = {name: params.get_all(name) for name in RENAMED if name in params}
    marks = params.get_all("show")
    if not old and not MARKS.intersection(marks):
        return
    renewed = {name: params.get_all(name) for name in params if name not in old}
    if MARKS.intersection(marks):
        renewed["marks"] = renewed.pop("show")
    params.from_dict(renewed | {RENAMED[name]: values for name, values in old.items()})
    st.rerun()
