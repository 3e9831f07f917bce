"""Messages between the lab and the processes that read for it: a few fields as JSON, and bytes. Nothing is pickled."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

MODULE_BYTES = 120  # of a module's name, filled up with spaces: what a reader is asked for with
_LENGTHS = struct.Struct("<IQ")  # of the fields and of the content
_MOST_FIELDS, _MOST_CONTENT = 1_000_000, 1 << 30  # bytes

Fields = dict[str, Any]


def send(connection: socket.socket, fields: Fields, content: bytes | bytearray = b"") -> None:
    head = json.dumps(fields).encode()
    connection.sendall(_LENGTHS.pack(len(head), len(content)) + head)
    if content:
        connection.sendall(content)


def receive(connection: socket.socket) -> tuple[Fields, bytearray]:
    """The next message; EOFError where the other side has ended, ValueError where it sends something else."""
    fields, content = _LENGTHS.unpack(_read(connection, _LENGTHS.size))
    if fields > _MOST_FIELDS or content > _MOST_CONTENT:
        raise ValueError(f"a message of {fields:,} and {content:,} bytes is too long")
    head = json.loads(_read(connection, fields))
    if not isinstance(head, dict):
        raise ValueError("a message without fields")  # noqa: TRY004 - as all that is wrong with a message
    return head, _read(connection, content)


def _read(connection: socket.socket, count: int) -> bytearray:
    data = bytearray(count)
    with memoryview(data) as view:
        have = 0
        while have < count:
            new = connection.recv_into(view[have:], 0, socket.MSG_WAITALL)
            if new == 0:
                raise EOFError("the other side has ended")
            have += new
    return data
