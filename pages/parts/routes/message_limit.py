"""How large a message of a browser may be: what its controls hold, all together. A larger one ends its connection.

Streamlit takes 200 MB and keeps what controls hold for as long as a session, a quarter of an hour after its visitor has left.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 300_000  # a thousand labels of pictures are 50,000
TOO_BIG = 1009  # of RFC 6455


class MessageLimit:
    """ASGI middleware around Streamlit's websocket."""

    def __init__(self, app: ASGIApp, most_bytes: int = MOST_BYTES) -> None:
        self._app, self._most_bytes = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return

        closed = False

        async def bounded() -> Message:
            nonlocal closed
            message = await receive()
            if message["type"] != "websocket.receive" or self._fits(message):
                return message
            closed = True
            await send({"type": "websocket.close", "code": TOO_BIG})
            return {"type": "websocket.disconnect", "code": TOO_BIG}

        async def while_open(message: Message) -> None:
            if not closed:
                await send(message)

        await self._app(scope, bounded, while_open)

    def _fits(self, message: Message) -> bool:
        return len(message.get("bytes") or message.get("text") or b"") <= self._most_bytes
