"""How much a visitor, and all visitors together, may have uploaded: what is more is answered with 413 and a sentence.

Streamlit bounds one file and keeps as many as are sent, also those that no control has asked for, in memory until the session
ends. The browser shows nothing but the number of an error; the sentence is drawn below the control (`controls.file_uploader`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime

_PATH = re.compile(r".*/_stcore/upload_file/([^/]+)/([^/]+)")
_LESS = "take some away with the cross beside them, or reload the page and choose fewer or smaller ones."
REFUSED: dict[str, str] = {}  # by session: why its last upload was refused


@dataclass(frozen=True)
class Limits:
    """Of what is held at a time."""

    session_files: int = 1_000
    session_bytes: int = 100_000_000
    server_bytes: int = 500_000_000


LIMITS = Limits()
IN_WORDS = f"at most {LIMITS.session_bytes // 1_000_000} MB and {LIMITS.session_files:,} files in all"


@dataclass(frozen=True)
class Arriving:
    """An upload that is under way."""

    session: str
    size: int  # bytes, as announced


class UploadLimits:
    """ASGI middleware around Streamlit's route for uploads. `find_runtime` gives Streamlit's runtime."""

    def __init__(self, app: ASGIApp, limits: Limits = LIMITS, find_runtime: Callable[[], Any] = runtime.get_instance) -> None:
        self._app, self._limits, self._runtime = app, limits, find_runtime
        self._arriving: list[Arriving] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        upload = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if upload is None or scope["method"] not in ("PUT", "DELETE"):
            await self._app(scope, receive, send)
            return
        session, file = upload.groups()
        if scope["method"] == "DELETE" or not self._runtime().is_active_session(session):  # Streamlit refuses the latter
            REFUSED.pop(session, None)
            await self._app(scope, receive, send)
        else:
            await self._put(Arriving(session, _announced(scope)), file, scope, receive, send)

    async def _put(self, upload: Arriving, file: str, scope: Scope, receive: Receive, send: Send) -> None:
        status, sentence = self._refusal(upload)
        if sentence:
            await _read_to_the_end(receive)  # an answer before its end would be an interrupted connection to the browser
            await PlainTextResponse(sentence, status)(scope, receive, send)
            self._note(upload.session, sentence)
            return
        REFUSED.pop(upload.session, None)
        self._arriving.append(upload)
        try:
            await self._app(scope, receive, send)
        finally:
            self._arriving.remove(upload)
            if not self._runtime().is_active_session(upload.session):  # it has gone meanwhile, and would keep the file
                self._forget(upload.session, file)

    def _refusal(self, upload: Arriving) -> tuple[int, str]:
        """Status and sentence; an empty one where the upload may come."""
        own = [one.size for one in self._arriving if one.session == upload.session] + self._sizes(upload.session)
        if upload.size < 0:
            return 411, "An upload must say how long it is."
        if len(own) >= self._limits.session_files:
            return 413, f"More than {self._limits.session_files:,} files cannot be uploaded; {_LESS}"
        if sum(own) + upload.size > self._limits.session_bytes:
            return 413, f"More than {self._limits.session_bytes // 1_000_000} MB in all cannot be uploaded; {_LESS}"
        if not self._room_for(upload.size):
            return 413, "Other visitors' uploads fill what this server has room for; try again in a quarter of an hour."
        return 200, ""

    def _room_for(self, size: int) -> bool:
        """Whether the server has room, if need be without the files of visitors who have left; the earliest go first."""
        manager, sessions = self._runtime().uploaded_file_mgr, list(self._files())
        gone = [session for session in sessions if not self._runtime().is_active_session(session)]
        held = sum(sum(self._sizes(session)) for session in sessions) + sum(one.size for one in self._arriving) + size
        for session in gone:
            if held > self._limits.server_bytes:
                held -= sum(self._sizes(session))
                manager.remove_session_files(session)
        return held <= self._limits.server_bytes

    def _files(self) -> dict[str, dict[str, Any]]:
        files: dict[str, dict[str, Any]] = self._runtime().uploaded_file_mgr.file_storage
        return files

    def _sizes(self, session: str) -> list[int]:
        """Bytes of every file of a session."""
        return [len(file.data) for file in list(self._files().get(session, {}).values())]

    def _forget(self, session: str, file: str) -> None:
        manager = self._runtime().uploaded_file_mgr
        manager.remove_file(session_id=session, file_id=file)
        if not self._files().get(session):
            manager.remove_session_files(session)

    def _note(self, session: str, sentence: str) -> None:
        for other in [one for one in REFUSED if not self._runtime().is_active_session(one)]:
            del REFUSED[other]
        REFUSED[session] = sentence


def _announced(scope: Scope) -> int:
    """Bytes of the body; -1 where the request does not say."""
    length: bytes = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else -1


async def _read_to_the_end(receive: Receive) -> None:
    more = True
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)
