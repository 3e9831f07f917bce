"""A visitor without a browser: speaks Streamlit's websocket protocol and listens to event streams, so that one process can be a
hundred of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

MOST_BYTES = 2**26  # of one message


@dataclass
class Visitor:
    """One open page."""

    socket: ClientConnection
    server: str  # its address
    query: str = ""
    page: str = ""
    events: str = ""  # the address of the event stream of the run that the page shows while it is alive
    buttons: dict[str, str] = field(default_factory=dict)  # label -> id
    seen: set[str] = field(default_factory=set)  # kinds of elements that the page has shown
    received: int = 0  # bytes
    hashes: set[str] = field(default_factory=set)  # of messages that it keeps

    async def open(self, page: str, **query: str) -> float:
        """Open a page; the seconds until it is whole."""
        self.page, self.query = page, urlencode(query)
        return await self._run(self._asking())

    async def listen(self) -> AsyncIterator[dict[str, Any]]:
        """The frames of the run that the page shows, as they arrive, until it has ended."""
        place = urlsplit(self.server)
        reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=MOST_BYTES)
        try:
            writer.write(f"GET {self.events} HTTP/1.0\r\nHost: {place.netloc}\r\n\r\n".encode())
            while line := await reader.readline():
                self.received += len(line)
                if line.startswith(b"data: "):
                    yield orjson.loads(line.removeprefix(b"data: "))
        finally:
            writer.close()

    async def press(self, label: str) -> float:
        """Press a button."""
        asking = self._asking()
        state = asking.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = self.buttons[label], True
        return await self._run(asking)

    def parameter(self, name: str) -> str:
        """Of the address."""
        return parse_qs(self.query).get(name, [""])[0]

    def _asking(self) -> BackMsg:
        asking = BackMsg()
        asking.rerun_script.query_string = self.query
        asking.rerun_script.page_name = self.page
        asking.rerun_script.cached_message_hashes.extend(self.hashes)
        return asking

    async def _run(self, asking: BackMsg) -> float:
        began = time.perf_counter()
        await self.socket.send(asking.SerializeToString())
        while True:
            content = await self.socket.recv()
            assert isinstance(content, bytes)
            self.received += len(content)
            message = ForwardMsg.FromString(content)
            kind = message.WhichOneof("type")
            if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return time.perf_counter() - began
            self._note(kind, message)

    def _note(self, kind: str | None, message: Any) -> None:
        if message.metadata.cacheable:
            self.hashes.add(message.hash)
        if kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            self.seen.add(element.WhichOneof("type"))
            if element.WhichOneof("type") == "button":
                self.buttons[element.button.label] = element.button.id
            elif element.WhichOneof("type") == "bidi_component" and element.bidi_component.component_name == "gridcast_live":
                self.events = json.loads(element.bidi_component.json)["events"]


@asynccontextmanager
async def visitor(url: str) -> AsyncIterator[Visitor]:
    """Someone who has come to the lab at this address ("http://localhost:8501")."""
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(address, origin=url, subprotocols=["streamlit"], max_size=MOST_BYTES) as socket:
        yield Visitor(socket, url)


@asynccontextmanager
async def visitors(url: str, number: int) -> AsyncIterator[list[Visitor]]:
    """So many of them, each with a session of their own."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(visitor(url)) for _ in range(number)]
