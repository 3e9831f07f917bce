"""The controls of all screens: Streamlit's own, bound to the address under their key, and each can be taken away by a link.

What `?hide=loss,seeds` takes away is registered, but not sent to the browser: it has the value that the address gives it,
checked as ever, or its default, and no element in the page. A name stands for its variants, too: `loss` for `loss_return`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, Literal, TypeVar, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

F = TypeVar("F", bound=Callable[..., Any])
Area = Literal[
    "sidebar", "explanations", "export", "uploads", "navigation"
]  # parts of screens that a link takes away as a whole

NOWHERE = DeltaGenerator(root_container=None, parent=st._main)  # sends nothing to the browser


def hidden(*names: str) -> bool:
    """Whether the address takes away one of these controls or areas."""
    away = {name.strip() for words in st.query_params.get_all("hide") for name in words.split(",")} - {""}
    return any(name == one or name.startswith(f"{one}_") for one in away for name in names)


def area(name: Area, place: AbstractContextManager[Any] | None = None) -> AbstractContextManager[Any]:
    """Around a part of a screen that a link can take away as a whole, drawn in its place."""
    return NOWHERE if hidden(name) else place or nullcontext()


def control(draw: F, bound: bool = True, part_of: Area | None = None) -> F:
    """A command of Streamlit's that needs a key; `bound`: what it has stands in the address under that key."""

    @wraps(draw)
    def drawn(*words: Any, key: str, **options: Any) -> Any:
        if bound:
            options.setdefault("bind", "query-params")
        with NOWHERE if hidden(key, *([part_of] if part_of else [])) else nullcontext():
            return draw(*words, key=key, **options)

    return cast("F", drawn)


def _begins_anew(draw: F) -> F:
    """A slider whose ends have changed, because they are those of another run, has its default, or what the address says."""

    @wraps(draw)
    def drawn(*words: Any, key: str, **options: Any) -> Any:
        ends, kept = words[1:3], f"ends of {key}"
        if st.session_state.get(kept, ends) != ends and key in st.session_state:
            del st.session_state[key]
        st.session_state[kept] = ends
        return draw(*words, key=key, **options)

    return cast("F", drawn)


segmented_control = control(st.segmented_control)
pills = control(st.pills)
selectbox = control(st.selectbox)
multiselect = control(st.multiselect)
radio = control(st.radio)
toggle = control(st.toggle)
checkbox = control(st.checkbox)
slider = control(_begins_anew(st.slider))
select_slider = control(st.select_slider)
number_input = control(st.number_input)
text_input = control(st.text_input)
text_area = control(st.text_area)
date_input = control(st.date_input)
tabs = control(st.tabs)
button = control(st.button, bound=False)
data_editor = control(st.data_editor, bound=False)
file_uploader = control(st.file_uploader, bound=False, part_of="uploads")
download_button = control(st.download_button, bound=False, part_of="export")
_expander = control(st.expander)


def expander(label: str, *, key: str, expanded: bool = False) -> ExpanderContainer:
    """Open from the beginning where the address asks for it by its name or key, as `?show=explanation` does."""
    asked = {name.casefold() for name in st.query_params.get_all("show")}
    return _expander(label, key=key, expanded=expanded or not asked.isdisjoint((label.casefold(), key)))


def start(label: str, ready: bool = True) -> bool:
    """The button at the end of a form: whether it was pressed."""
    return button(
        label, key="go", type="primary", icon=":material/play_arrow:", width="stretch", shortcut="Ctrl+Enter",
        disabled=not ready,
    )  # fmt: skip
