"""The controls of all screens: Streamlit's own, bound to the address under their key, and each can be taken away by a link.

What `?hide=loss,seeds` takes away is registered, but not sent to the browser: it has the value that the address gives it,
checked as ever, or its default, and no element in the page. A name stands for its variants, too: `loss` for `loss_return`.

What folds away is drawn once it is opened. Until then a control in it has its default; only one that the address, or a script,
gives a value is drawn all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from difflib import get_close_matches
from functools import lru_cache, partial, wraps
from typing import Any, Literal, TypeVar, cast
from urllib.parse import parse_qs

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer
from streamlit.elements.lib.mutable_popover_container import PopoverContainer
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts.links.kept_uploads import forget as forget_uploads
from pages.parts.links.kept_uploads import with_kept
from pages.parts.plain_text import plain
from pages.parts.routes.upload_limits import IN_WORDS, REFUSED
from pages.parts.style.drawer import drawer

F = TypeVar("F", bound=Callable[..., Any])
# parts of screens that a link takes away as a whole
Area = Literal["sidebar", "explanations", "export", "uploads", "navigation", "visitor"]

NOT_IN_A_LINK = "A copied link carries your files only after a run was made of them."
# Of controls in a session, by key: value and address of each, and the span of each slider. One entry each, because
# Streamlit copies all entries for every control.
IN_ADDRESS, SPANS = "controls in the address", "spans of sliders"
WITHOUT_DATE = "dates that began as none"  # their keys
TOLD = "screen whose misspelt parameters have been told"
ALIKE = 0.8  # of two names, 1 being the same
EVERYWHERE = {"projector"}  # controls of every screen
_CLOSED: ContextVar[bool] = ContextVar("in a fold that nobody has opened", default=False)
NOWHERE = DeltaGenerator(root_container=None, parent=st._main)  # sends nothing to the browser


def hidden(*names: str) -> bool:
    """Whether the address takes away one of these controls or areas."""
    context = get_script_run_ctx()
    away = _taken_away(context.query_string) if context else frozenset()
    return any(name == one or name.startswith(f"{one}_") for one in away for name in names)


@lru_cache(maxsize=256)
def _taken_away(query: str) -> frozenset[str]:
    """What a query takes away; each control of a screen asks."""
    return frozenset(name.strip() for words in parse_qs(query).get("hide", []) for name in words.split(",")) - {""}


def area(name: Area, place: AbstractContextManager[Any] | None = None) -> AbstractContextManager[Any]:
    """Around a part of a screen that a link can take away as a whole, drawn in its place."""
    return NOWHERE if hidden(name) else place or nullcontext()


def control(draw: F, bound: bool = True, part_of: Area | None = None, default: Callable[..., Any] | None = None) -> F:
    """A command of Streamlit's that needs a key; `bound`: what it has stands in the address under that key. `default` makes of
    what it is given the value that it has until somebody gives it another."""

    @wraps(draw)
    def drawn(*words: Any, key: str, **options: Any) -> Any:
        if default and _CLOSED.get() and key not in st.session_state and not {key, cleared(key)} & set(st.query_params):
            return default(*words[1:], **options)
        in_address = bound and options.setdefault("bind", "query-params")
        followed = _address_follows(key) if in_address else nullcontext()
        place = NOWHERE if hidden(key, *([part_of] if part_of else [])) else nullcontext()
        asked = st.query_params.get_all(key) if in_address and key not in st.session_state.get(IN_ADDRESS, {}) else []
        with followed, place:
            value = draw(*words, key=key, **options)
        if asked and not st.query_params.get_all(key):  # refused, or the control's own value, which needs no mention
            _tell_refused(key, asked, value, options.get("format_func", str))
        return value

    return cast("F", drawn)


def _tell_refused(key: str, asked: list[str], value: Any, say: Callable[[Any], str]) -> None:
    """Say so where what the address asks of a control cannot be; "AAPL" is enough for "AAPL · Apple"."""
    values = value if isinstance(value, list | tuple) else [value]
    meant = [{_plain(said), _plain(said.split(" · ")[0])} for said in (say(one) for one in values if one is not None)]
    wanted = [*map(_plain, filter(None, asked))]
    if len(wanted) != len(meant) or any(one not in names for one, names in zip(wanted, meant, strict=True)):
        shown = ", ".join(say(one) for one in values if one is not None) or "nothing"
        st.toast(plain(f"{key}={','.join(asked)} in the address cannot be. Chosen is {shown}."), icon=":material/link_off:")


def _plain(text: str) -> str | float:
    """Numbers and switches are the same however they are written."""
    try:
        return float(text)
    except ValueError:
        return text.casefold()


@contextmanager
def _address_follows(key: str) -> Iterator[None]:
    """Around a bound control: where the browser has not written its new value into the address, the server does.

    The browser no longer does for a control of a fragment that has moved in the page, because one above it has come or gone.
    """
    state, last = st.session_state, st.session_state.setdefault(IN_ADDRESS, {})
    if key in last and key in state:  # in this order: at an opening nothing is in either, and Streamlit takes long to say so
        value, address = last[key]
        if state[key] != value and st.query_params.get_all(key) == address:
            state[key] = state[key]  # what a script sets is written into the address
    yield
    last[key] = (state.get(key), st.query_params.get_all(key))


def tell_misspelt(screen: str) -> None:
    """Once a screen has been drawn for the first time: which parameters of the address are nearly the name of a control."""
    state = st.session_state
    if state.get(TOLD) == screen:
        return
    state[TOLD], here = screen, state.get(IN_ADDRESS, {})
    for name in [one for one in st.query_params if one not in here]:
        if meant := get_close_matches(name, here, 1, ALIKE):
            words = f"Nothing on this screen is called {name}, which stands in the address. Is {meant[0]} meant?"
            st.toast(plain(words), icon=":material/link_off:")


def addresses() -> dict[str, list[str]]:
    """What the address has for each control of this screen, as it was drawn last; an empty list where it has nothing."""
    return {key: address for key, (_, address) in st.session_state.get(IN_ADDRESS, {}).items()}


def forget_all() -> None:
    """Controls of the screen before say nothing to those of the next one with the same key; those beside the title stay."""
    state = st.session_state
    for key in (*state.get(IN_ADDRESS, {}), *state.get(SPANS, {})):
        if key not in EVERYWHERE and key in state:
            del state[key]
    for name in (IN_ADDRESS, SPANS):
        state[name] = {}
    state[WITHOUT_DATE] = set()
    forget_uploads()


def _begins_anew(draw: F) -> F:
    """A slider whose span has changed, because it is that of another run, has its default or what the address says."""

    @wraps(draw)
    def drawn(*words: Any, key: str, **options: Any) -> Any:
        state, spans, span = st.session_state, st.session_state.setdefault(SPANS, {}), words[1:]
        if spans.get(key, span) != span and not (key in st.query_params and key in state and _holds(span, state[key])):
            state[key] = _default(span)
        spans[key] = span
        return draw(*words, key=key, **options)

    return cast("F", drawn)


def _holds(span: tuple[Any, ...], value: Any) -> bool:
    """Whether a value is one of the options, or between both ends."""
    return value in span[0] if isinstance(span[0], Sequence) else bool(span[0] <= value <= span[1])


def _default(span: tuple[Any, ...]) -> Any:
    """The value that stands behind the options, or behind both ends; else the first."""
    if isinstance(span[0], Sequence):
        return span[1] if len(span) > 1 else span[0][0]
    return span[2] if len(span) > 2 else span[0]


def cleared(key: str) -> str:
    """The parameter of the address by which a date that has a default is none."""
    return f"no_{key}"


def _may_be_none(draw: F) -> F:
    """A date with a default that may be taken away: Streamlit's address has no word for that."""

    @wraps(draw)
    def drawn(label: str, value: Any = None, *words: Any, key: str, **options: Any) -> Any:
        params, none, begun = st.query_params, cleared(key), st.session_state.setdefault(WITHOUT_DATE, set())
        if none in params and key not in st.session_state and key not in params:
            begun.add(key)  # for as long as it is drawn: with another default it would be another element
        chosen = draw(label, None if key in begun else value, *words, key=key, **options)
        if chosen is None and value is not None:
            if none not in params:
                params[none] = "true"
        else:
            params.pop(none, None)
        return chosen

    return cast("F", drawn)


def _refusal_shown(draw: F) -> F:
    """An uploader whose help says how much may be uploaded; below it, why the last file that was sent is not here."""

    @wraps(draw)
    def drawn(*words: Any, help: str = "", **options: Any) -> Any:
        files = draw(*words, help=f"{help}; {IN_WORDS}" if help else IN_WORDS.capitalize(), **options)
        context = get_script_run_ctx()
        if sentence := REFUSED.get(context.session_id if context else ""):
            st.error(sentence, icon=":material/error:")
        return files

    return cast("F", drawn)


def _chosen(options: Sequence[Any], index: int | None = 0, **_: Any) -> Any:
    return None if index is None else list(options)[index]


def _several(_: Sequence[Any], default: Any = None, **__: Any) -> list[Any]:
    return list(default or [])


def _one_or_several(_: Sequence[Any], default: Any = None, selection_mode: str = "single", **__: Any) -> Any:
    return list(default or []) if selection_mode == "multi" else default


def _value(value: Any = False, *_: Any, **__: Any) -> Any:
    return value


def _on_span(*span: Any, **_: Any) -> Any:
    return _default(span)


segmented_control = control(st.segmented_control, default=_one_or_several)
pills = control(st.pills, default=_one_or_several)
selectbox = control(st.selectbox, default=_chosen)
multiselect = control(st.multiselect, default=_several)
radio = control(st.radio, default=_chosen)
toggle = control(st.toggle, default=_value)
checkbox = control(st.checkbox, default=_value)
slider = control(_begins_anew(st.slider), default=_on_span)
select_slider = control(_begins_anew(st.select_slider), default=_on_span)
number_input = control(st.number_input)
text_input = control(st.text_input)
text_area = control(st.text_area)
date_input = control(_may_be_none(partial(st.date_input, format="YYYY-MM-DD")), default=_value)  # as in the address
tabs = control(st.tabs)
button = control(st.button, bound=False)
data_editor = control(st.data_editor, bound=False)
_file_uploader = control(_refusal_shown(st.file_uploader), bound=False, part_of="uploads")
download_button = control(st.download_button, bound=False, part_of="export")
_expander = control(st.expander)
_popover = control(st.popover, bound=False)


def file_uploader(label: str, types: Sequence[str], *, key: str, kept: bool = True, **options: Any) -> Any:
    """A field for files; what is uploaded there is `kept` over a reload of the page (`links.kept_uploads`). One file, or None;
    with `accept_multiple_files` a list."""
    files = _file_uploader(label, types, key=key, **options)
    if not kept or hidden(key, "uploads"):
        return files
    return with_kept(key, files, bool(options.get("accept_multiple_files")))


def expander(label: str, *, key: str, expanded: bool = False) -> ExpanderContainer:
    """Open from the beginning where the address asks for it by its name or key, as `?show=explanation` does."""
    names = {name.casefold() for name in st.query_params.get_all("show")}
    return _expander(label, key=key, expanded=expanded or not names.isdisjoint((label.casefold(), key)))


@contextmanager
def fold(label: str, *, key: str) -> Iterator[bool]:
    """An expander, filled once it is opened: whether it is open. What is in it and no control is left out where it is not."""
    place = expander(label, key=key)
    with _unless_open(place.open), place:
        yield bool(place.open)


@contextmanager
def menu(label: str, *, key: str, **options: Any) -> Iterator[bool]:
    """The same for a part that opens above the page, as Streamlit's popovers do; it stands in no address."""
    place: PopoverContainer = _popover(label, key=key, on_change="rerun", **options)
    with _unless_open(place.open), place:
        yield bool(place.open)


@contextmanager
def _unless_open(is_open: bool | None) -> Iterator[None]:
    before = _CLOSED.set(not is_open or _CLOSED.get())
    try:
        yield
    finally:
        _CLOSED.reset(before)


@contextmanager
def starting() -> Iterator[None]:
    """Around the button that starts something and what is said of it: in sight however long the form is, and on a phone also
    while the form is away. `style.css` keeps it there."""
    with st.container(key="starting", gap="small"):
        drawer()
        yield


def start(label: str, ready: bool = True) -> bool:
    """The button at the end of a form: whether it was pressed."""
    return button(
        label, key="go", type="primary", icon=":material/play_arrow:", width="stretch", shortcut="Ctrl+Enter",
        disabled=not ready,
    )  # fmt: skip
