"""A picture before and after, one laid over the other, with a divider that a mouse, a finger or an arrow key moves.

A component, because the divider is moved in the browser: a native range input lies over both pictures, and nothing is sent.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from core.made_once import made_once
from core.stn.datasets.images import to_jpeg, to_webp
from core.system.data_address import data_address

HERE = Path(__file__).parent
_component = st.components.v2.component(
    "gridcast_divider", html=(HERE / "divider.html").read_text(), css=(HERE / "divider.css").read_text(),
    js=(HERE / "divider.js").read_text(),
)  # fmt: skip


def divider(key: str, before: np.ndarray, after: np.ndarray, alts: tuple[str, str], caption: str = "") -> None:
    """Pixels (H, W, 3), or (H, W, 4) where some are clear, uint8; `after` may have another size. `alts` describe both."""
    height, width = before.shape[:2]
    data = {"before": _address(before), "after": _address(after), "alts": alts, "caption": caption, "aspect": width / height}
    _component(key=key, data=data)


@made_once
def _address(pixels: np.ndarray) -> str:
    if pixels.shape[-1] == 4:
        return data_address(to_webp(pixels, 90), "image/webp")
    return data_address(to_jpeg(pixels, 90), "image/jpeg")
