"""Uploads outlive a reload: what a visitor has uploaded is in the store, and a parameter of the address names it.

The parameter is the digest of a list of files, which says whose it is: who is given the address does not have the files. The
list names the files by their digests, so that the same upload is kept once. It is bounded: an upload above LARGEST is not kept,
and the store clears what was not used for longest. What is kept begins with MARK, so that no request can name it as an input:
those have been read in a process with bounds, and this has not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import streamlit as st

from core.errors import StoreError
from core.runs.lab import lab
from core.runs.recovery.room import make_room
from core.runs.store import digest_of
from pages.parts.links import address
from pages.parts.plain_text import plain
from pages.parts.visitors.me import my_id

LARGEST = 50_000_000  # bytes of one field that are kept
MARK = b"An upload, as it came.\n"
LISTED = 5  # files that have a button each
KEPT = "kept uploads"  # in a session: what its fields have, by key
GONE = "What was uploaded here is not kept any more; upload it again."
ANOTHERS = "A link does not have what was uploaded; upload your own here."


@dataclass(frozen=True)
class KeptFile:
    """A file in the store. Its members are those of an upload of Streamlit's."""

    name: str
    digest: str
    size: int = 0  # bytes, where they are known
    of_run: bool = False  # an input of a run, as the store has it: pixels as PNG, or prices

    @property
    def file_id(self) -> str:
        return self.digest

    def getvalue(self) -> bytes:
        """StoreError where it is gone."""
        content = lab().store.get(self.digest)
        return content if self.of_run else content.removeprefix(MARK)


def is_of_a_run(file: Any) -> bool:
    """Whether a file of a field is an input of a run: pixels, or prices as the store has them."""
    return isinstance(file, KeptFile) and file.of_run


@dataclass(frozen=True)
class RunFiles:
    """What a form's field for files has of a run."""

    files: tuple[KeptFile, ...]

    @classmethod
    def of(cls, names: Sequence[str], digests: Sequence[str]) -> RunFiles:
        return cls(tuple(KeptFile(name, digest, of_run=True) for name, digest in zip(names, digests, strict=True)))


@dataclass(frozen=True)
class _Field:
    """What one field has."""

    address: str = ""  # as it was written last
    named: tuple[KeptFile, ...] = ()  # what that names
    files: tuple[KeptFile, ...] = ()  # of it, what the browser does not have
    digests: Mapping[str, str] = field(default_factory=dict)  # of what it has, by Streamlit's id of a file


def _parameter(key: str) -> str:
    return f"{key}_kept"


def parameters(key: str, run: RunFiles) -> dict[str, str]:
    """The parameters of an address in which a field has files of a run."""
    return {_parameter(key): _written(run.files)} if run.files else {}


def _written(files: tuple[KeptFile, ...]) -> str:
    rows = [asdict(file) for file in files]
    return lab().store.put(json.dumps({"visitor": my_id(), "files": rows}).encode())


def _read(digest: str) -> tuple[tuple[KeptFile, ...], str]:
    """The files of a list, or a sentence why there are none."""
    try:
        about = json.loads(lab().store.get(digest))
        files = tuple(KeptFile(**row) for row in about["files"])
        if about["visitor"] != my_id():
            return (), ANOTHERS
        return (files, "") if all(lab().store.use(file.digest) for file in files) else ((), GONE)
    except (StoreError, ValueError, TypeError, KeyError):
        return (), GONE


def forget() -> None:
    """The fields of the screen before say nothing to those of the next one."""
    st.session_state.pop(KEPT, None)


def has_files(key: str) -> bool:
    """Whether a field has files, or will have when it is drawn."""
    return bool(st.session_state.get(key) or _of(key).files or st.query_params.get(_parameter(key)))


def files_of(key: str) -> list[Any]:
    """The files of a field that has been drawn: uploads of Streamlit's, and kept ones."""
    given = st.session_state.get(key) or []
    return [*_of(key).files, *(given if isinstance(given, list) else [given])]


def _of(key: str) -> _Field:
    fields: dict[str, _Field] = st.session_state.get(KEPT, {})
    return fields.get(key, _Field())


def _keep(key: str, now: _Field) -> None:
    st.session_state.setdefault(KEPT, {})[key] = now


def with_kept(key: str, uploaded: Any, many: bool) -> Any:
    """What a field has: what Streamlit has of it, and what was kept before the page was loaded anew, which a button takes out.
    One file, or None, unless it takes `many`."""
    given = uploaded if isinstance(uploaded, list) else [uploaded] if uploaded else []
    before = _as_the_address_says(key, _of(key))
    digests = {one.file_id: before.digests.get(one.file_id) or digest_of(MARK + one.getvalue()) for one in given}
    here = tuple(KeptFile(one.name, digests[one.file_id], one.size) for one in given)
    others = tuple(file for file in before.files if file not in here) if many or not given else ()
    now = replace(before, files=others, digests=digests)
    _keep(key, now)
    _list(key, others)
    if (*others, *here) != before.named:
        now = replace(now, named=(*others, *here), address=_put(now.files, here, given))
        _keep(key, now)
        address.write(_parameter(key), now.address)
    files = [*others, *given]
    return files if many else (files[0] if files else None)


def _as_the_address_says(key: str, before: _Field) -> _Field:
    """A field whose address is another than was written: of a page that was loaded anew, or of Back."""
    named = address.read(_parameter(key))
    if not named or named == before.address:
        return before
    files, reason = _read(named)
    if reason:
        st.caption(reason)
    return replace(before, address=named, named=files or before.named, files=files)


def _put(others: tuple[KeptFile, ...], here: tuple[KeptFile, ...], given: Sequence[Any]) -> str:
    """The digest of the list, the files put into the store; "" where there are none, or where they cannot be kept."""
    files = (*others, *here)
    if not files:
        return ""
    if sum(file.size for file in files) > LARGEST:
        st.caption(f"More than {LARGEST // 1_000_000} MB: a reload of the page loses it.")
        return ""
    try:
        for one in given:
            lab().store.put(MARK + one.getvalue())
        digest = _written(files)
        make_room(lab().registry, lab().store)
    except StoreError as error:
        st.caption(plain(f"A reload of the page loses it: {error}."))
        return ""
    return digest


def _list(key: str, files: tuple[KeptFile, ...]) -> None:
    """Buttons that take kept files out, one by one, or all where they are many."""
    one_by_one = files if len(files) <= LISTED else ()
    for number, file in enumerate(one_by_one):
        st.button(
            plain(file.name), icon=":material/close:", key=f"{key}-kept-{number}", help="Kept from before. Take it out",
            on_click=_take_out, args=(key, (file,)),
        )  # fmt: skip
    if files and not one_by_one:
        words = f"{len(files):,} files"
        st.button(
            words, icon=":material/close:", key=f"{key}-kept", help="Kept from before. Take them out", on_click=_take_out,
            args=(key, files),
        )  # fmt: skip


def _take_out(key: str, files: tuple[KeptFile, ...]) -> None:
    before = _of(key)
    _keep(key, replace(before, files=tuple(file for file in before.files if file not in files)))
