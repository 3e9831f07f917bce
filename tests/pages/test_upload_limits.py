from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from streamlit import config
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_routes import create_upload_routes

from pages.parts.routes.upload_limits import REFUSED, Limits, UploadLimits
from tests.pages.asgi import Answer, ask, asking

LIMITS = Limits(session_files=3, session_bytes=3_000, server_bytes=5_000)


class Runtime:
    """Streamlit's, as far as uploads need it."""

    def __init__(self) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager("/_stcore/upload_file")
        self.active = {"anna", "ben", "cleo"}

    def is_active_session(self, session: str) -> bool:
        return session in self.active

    def sizes(self, session: str) -> list[int]:
        return [len(file.data) for file in self.uploaded_file_mgr.file_storage.get(session, {}).values()]


class Server:
    """Streamlit's own route for uploads, behind the limits."""

    def __init__(self, runtime: Runtime) -> None:
        routes = create_upload_routes(runtime, runtime.uploaded_file_mgr, "")  # type: ignore[arg-type]
        self.app = UploadLimits(Starlette(routes=routes), LIMITS, lambda: runtime)

    def put(self, session: str, file: str, size: int, announced: bool = True) -> Answer:
        head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="photo.png"\r\n\r\n'
        body = head + b"\0" * size + b"\r\n--x--\r\n"
        headers = {"content-type": "multipart/form-data; boundary=x"}
        headers |= {"content-length": str(len(body))} if announced else {}
        return ask(self.app, f"/_stcore/upload_file/{session}/{file}", "PUT", headers, [body[:50], body[50:]])

    def delete(self, session: str, file: str) -> Answer:
        return ask(self.app, f"/_stcore/upload_file/{session}/{file}", "DELETE")


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    kept = config.get_option("server.enableXsrfProtection")
    config.set_option("server.enableXsrfProtection", False)
    REFUSED.clear()
    yield Runtime()
    config.set_option("server.enableXsrfProtection", kept)
    REFUSED.clear()


@pytest.fixture
def server(runtime: Runtime) -> Server:
    return Server(runtime)


def test_what_a_session_uploads_is_kept_up_to_its_bytes(server: Server, runtime: Runtime) -> None:
    assert [server.put("anna", name, 1_000).status for name in "ab"] == [204, 204]
    refused = server.put("anna", "c", 1_000)
    assert refused.status == 413
    assert "in all cannot be uploaded" in refused.text
    assert runtime.sizes("anna") == [1_000, 1_000]


def test_and_up_to_its_number_of_files(server: Server, runtime: Runtime) -> None:
    assert [server.put("anna", name, 10).status for name in "abcd"] == [204, 204, 204, 413]
    assert server.put("ben", "a", 10).status == 204


def test_the_sentence_is_for_the_screen_of_that_session_until_there_is_room_again(server: Server, runtime: Runtime) -> None:
    refused = server.put("anna", "a", 4_000)
    assert REFUSED["anna"] == refused.text
    assert server.put("anna", "b", 100).status == 204
    assert REFUSED == {}


def test_uploads_that_come_at_once_are_counted_before_they_are_there(runtime: Runtime) -> None:
    second: list[int] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if not second:
            second.append(0)
            second.append((await asking(limits, "/_stcore/upload_file/anna/b", "PUT", {"content-length": "2000"})).status)
        await PlainTextResponse("kept")(scope, receive, send)

    limits = UploadLimits(slow, LIMITS, lambda: runtime)
    assert ask(limits, "/_stcore/upload_file/anna/a", "PUT", {"content-length": "2000"}).status == 200
    assert second == [0, 413]


def test_what_is_taken_away_makes_room(server: Server, runtime: Runtime) -> None:
    assert [server.put("anna", name, 10).status for name in "abcd"] == [204, 204, 204, 413]
    assert server.delete("anna", "a").status == 204
    assert REFUSED == {}
    assert server.put("anna", "d", 10).status == 204


def test_all_sessions_together_are_bounded(server: Server, runtime: Runtime) -> None:
    assert [server.put(name, "a", 2_000).status for name in ("anna", "ben", "cleo")] == [204, 204, 413]
    assert "Other visitors" in REFUSED["cleo"]


def test_files_of_those_who_have_left_make_room_for_others(server: Server, runtime: Runtime) -> None:
    assert [server.put(name, "a", 2_000).status for name in ("anna", "ben")] == [204, 204]
    runtime.active -= {"anna"}
    assert server.put("cleo", "a", 2_000).status == 204
    assert (runtime.sizes("anna"), runtime.sizes("ben")) == ([], [2_000])


def test_a_file_that_comes_when_its_session_has_gone_is_not_kept(server: Server, runtime: Runtime) -> None:
    add = runtime.uploaded_file_mgr.add_file

    def last(session_id: str, file: Any) -> None:
        runtime.active -= {"anna"}
        add(session_id, file)

    runtime.uploaded_file_mgr.add_file = last  # type: ignore[method-assign]
    server.put("anna", "a", 1_000)
    assert runtime.uploaded_file_mgr.file_storage == {}


def test_an_unknown_session_holds_nothing(server: Server, runtime: Runtime) -> None:
    assert server.put("nobody", "a", 10).status == 400
    assert runtime.uploaded_file_mgr.file_storage == {}


def test_an_upload_of_unknown_length_is_refused(server: Server, runtime: Runtime) -> None:
    assert server.put("anna", "a", 10, announced=False).status == 411
    assert runtime.sizes("anna") == []
