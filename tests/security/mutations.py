"""Files as a stranger could send them: what the lab itself writes, altered by chance in bytes, in structure, in values."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

NASTY_TEXT = (
    "9" * 400, "1e999", "NaN", "Infinity", '"\\ud800"', '"\\u0000"', '"' + "x" * 5_000 + '"', "[" * 200 + "]" * 200,
    "null", "-0", '"../../etc/passwd"', '"=1+1"', "{}", "[]", "[[]]", '{"a":1}', "true", "-1", "1e308", '""', "99999999999",
    "0.1", '"\U0001f600"',
)  # fmt: skip
NASTY_BYTES = (
    b"\0" * 9,
    b"\xff" * 9,
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"\x1f\x8b",
    b"9" * 5_000,
    b"[" * 3_000,
    b'"',
    b"\r\n",
    b"=",
    b"\xed",
)


def in_bytes(content: bytes, chance: random.Random) -> bytes:
    """With bytes changed, lost, doubled, put in or cut off."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        far = min(len(data), at + chance.choice((1, 4, 40, 400)))
        action = chance.randrange(6)
        if action == 0 and at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        elif action == 1:
            del data[at:far]
        elif action == 2:
            data[at:at] = data[at:far]
        elif action == 3:
            data[at:at] = chance.choice(NASTY_BYTES)
        elif action == 4:
            data[at:far] = bytes(chance.randrange(256) for _ in range(far - at))
        elif chance.random() < 0.3:
            del data[at:]
    return bytes(data)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in children for place in _places(child, (*path, key)))]


_MARK = "put something here"


def in_json(content: bytes, chance: random.Random) -> bytes:
    """With a value of a JSON text replaced, a field renamed, lost or added."""
    value = json.loads(content)
    for _ in range(chance.randint(1, 3)):
        path = chance.choice(_places(value))
        if not path:
            continue
        parent = value
        for key in path[:-1]:
            parent = parent[key]
        action = chance.randrange(5)
        if action == 0:
            del parent[path[-1]]
        elif action == 1 and isinstance(parent, dict):
            parent[path[-1] + "x"] = parent.pop(path[-1])
        elif action == 2 and isinstance(parent, list):
            parent.extend(parent * chance.choice((1, 3)))
        else:
            parent[path[-1]] = _MARK
    text = json.dumps(value)
    while f'"{_MARK}"' in text:
        text = text.replace(f'"{_MARK}"', chance.choice(NASTY_TEXT), 1)
    return text.encode("utf-8", "surrogatepass")


def in_header(content: bytes, chance: random.Random) -> bytes:
    """With the header of a safetensors file altered as JSON, or the JSON text that it holds."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    held = header["__metadata__"]
    [name] = list(held)[:1]
    if chance.random() < 0.7 and held[name].startswith("{"):
        held[name] = in_json(held[name].encode(), chance).decode("utf-8", "replace")
        altered = json.dumps(header).encode()
    else:
        altered = in_json(json.dumps(header).encode(), chance)
    return len(altered).to_bytes(8, "little") + altered + content[8 + length :]


Mutation = Callable[[bytes, random.Random], bytes]


_CELLS = (
    "", ".", "null", "NaN", "-", "0", "-1", "1e308", "9" * 30, "9" * 70, "1,5", "1.234,5", "1;2", "38.26 USD", "USD EUR",
    "0.25 Dividend", "10:1 Stock Splits", "2022-02-31", "03/04/2022", "31/12/99", "2190-01-01", "1641220200", "-1",
    "1641220200000.5", "44564.5", "1990-01", "1990Q9", "Jan-90", "25:61", "2022-01-03T15:00:00Z", "2022-01-03 09:30-25:00",
    "Date", "Close", "Ticker", "AAPL", "Schluß", "\u0000", '"', "'", "=1+1", "²",
)  # fmt: skip


def in_table(content: bytes, chance: random.Random) -> bytes:
    """With cells, rows and columns of a table changed, lost, doubled or exchanged, or its separator."""
    text = content.decode("utf-8", "replace")
    separator = max(",;\t|", key=text.count)
    rows = [line.split(separator) for line in text.splitlines()] or [[""]]
    for _ in range(chance.randint(1, 3)):
        at, other = chance.randrange(len(rows)), chance.randrange(len(rows))
        place = chance.randrange(max(1, len(rows[at])))
        action = chance.randrange(9)
        if action == 0 and rows[at]:
            rows[at][place] = chance.choice(_CELLS)
        elif action == 1:
            rows[at], rows[other] = rows[other], rows[at]
        elif action == 2:
            rows.insert(at, list(rows[other]))
        elif action == 3 and len(rows) > 1:
            del rows[at]
        elif action == 4:
            rows[at].insert(place, chance.choice(_CELLS))
        elif action == 5:
            for row in rows:
                del row[place : place + 1]
        elif action == 6:
            filled = chance.choice(_CELLS)
            for row in rows[at : at + chance.choice((5, 50, 500))]:
                row[place : place + 1] = [filled]
        elif action == 7:
            rows.insert(at, [chance.choice(_CELLS)])
        elif chance.random() < 0.3:
            separator = chance.choice(",;\t| :")
    return "\n".join(separator.join(row) for row in rows).encode()
