"""Links of earlier versions: where the name of a control in the address has changed, or what it is called that is chosen there,
the new name is put in its place."""

from __future__ import annotations

import streamlit as st

RENAMED = {"look": "show", "view": "show", "trap": "show"}
MARKS = {"grid", "outside"}  # of /warp, chosen by `show` once
OF_NETWORKS = {"cells", "both", "each", "network", "curve", "cell"}  # controls that choose networks by name
NETWORKS = {
    "RNN": "Vanilla RNN", "RNN ReLU": "Vanilla RNN with ReLU", "BiRNN": "Bidirectional RNN",
    "BiRNN ReLU": "Bidirectional RNN with ReLU", "BiLSTM": "Bidirectional LSTM", "BiGRU": "Bidirectional GRU",
    "Feed-forward": "Feed-forward network",
}  # fmt: skip


def renewed(address: dict[str, list[str]]) -> dict[str, list[str]]:
    """An address with the names of today: control -> values."""
    names = {old: new for old, new in RENAMED.items() if old in address}
    values = {name: given for name, given in address.items() if name not in names}
    if MARKS.intersection(values.get("show", [])):
        values["marks"] = values.pop("show")
    values |= {new: address[old] for old, new in names.items()}
    for name in OF_NETWORKS & values.keys():
        values[name] = [NETWORKS.get(one, one) for one in values[name]]
    return values


def renew_address() -> None:
    """Rewrite the names of an earlier version in the address, and run again with what stands there now."""
    params = st.query_params
    address = {name: params.get_all(name) for name in params}
    if (today := renewed(address)) != address:
        params.from_dict(today)
        st.rerun()
