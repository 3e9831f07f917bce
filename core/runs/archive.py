"""Archive: a request and its inputs as files, exported from one lab and imported into the same or another.

The files are request.json and, below inputs/, what it names by digest. An input is recognised by
its content, whatever the file is called.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import Image
from safetensors import SafetensorError, deserialize

from core.errors import InvalidRequest
from core.runs.kinds import NO_REQUEST, request_from
from core.runs.request import Request, key_of
from core.runs.store import Store, digest_of
from core.system.bounded import reading
from core.system.bounded.reading import Files, Step
from core.system.files import files_below, read_file
from core.system.json_text import parse_json
from core.system.unpacking import ZIP, Bounds, refuse_others, unpack
from core.system.unreadable import printable, readable

REQUEST, INPUTS = "request.json", "inputs"
LARGEST = 500_000_000  # bytes, unpacked
MOST_VALUES = 30_000  # of a request: three for each of a thousand pictures are the most
LARGEST_REQUEST, LARGEST_INPUT = 2_000_000, 64_000_000  # bytes
LARGEST_SIDE = 384  # pixels of a picture that is an input: as they are stored
MOST_HEADER = 200_000  # bytes of JSON before what prices and weights hold
_PNG = b"\x89PNG\r\n\x1a\n"
_DIGEST = re.compile(r'"([0-9a-f]{64})"')


def packed(request: Request, store: Store) -> dict[str, bytes]:
    """The request and those of its inputs that are still in the store."""
    files = {REQUEST: request.model_dump_json(indent=2).encode()}
    for digest in dict.fromkeys(request.inputs):
        if digest in store:
            content = store.get(digest)
            files[f"{INPUTS}/{digest}{'.png' if content.startswith(_PNG) else '.bin'}"] = content
    return files


def _content(files: Files, wanted: Callable[[str], bool] = lambda name: True) -> Iterator[tuple[str, bytes]]:
    """The wanted files of an archive, those of a ZIP unpacked one after the other."""
    for name, content in files:
        if content.startswith(ZIP):
            yield from unpack(
                name, content, Bounds(LARGEST), InvalidRequest, lambda entry: not entry.is_dir() and wanted(entry.filename)
            )
        elif wanted(name):
            refuse_others(printable(name), content, InvalidRequest)
            yield name, content


def _names(files: Files) -> list[str]:
    names: list[str] = []

    def note(name: str) -> bool:
        names.append(name)
        return False

    for _ in _content(files, note):
        pass
    return names


def _request_in(names: Sequence[str]) -> str:
    """The one JSON file that may be a request; in a folder or a ZIP it is called request.json."""
    named = [name for name in names if name.rsplit("/", 1)[-1] == REQUEST] or [n for n in names if n.endswith(".json")]
    if len(named) != 1:
        count = "is no request" if not named else f"are {len(named)} requests"
        raise InvalidRequest(f"there {count} in it; give the {REQUEST}, the folder or the ZIP of one export")
    return named[0]


def _has_tensors(content: bytes) -> bool:
    try:
        deserialize(content)
    except SafetensorError:
        return False
    return True


def _check_input(name: str, content: bytes) -> None:
    """InvalidRequest for what the lab itself never keeps: only pictures, prices and weights, in bounds, are read later."""
    with readable(f"{printable(name)} is no input of a run: {{reason}}; export the run again", InvalidRequest):
        if content.startswith(_PNG):
            image = Image.open(io.BytesIO(content), formats=["PNG"])
            if max(image.size) > LARGEST_SIDE:
                raise ValueError(f"a picture of {image.width:,} x {image.height:,} pixels")
            image.load()
        elif int.from_bytes(content[:8], "little") > MOST_HEADER or not _has_tensors(content):
            raise ValueError("neither a picture nor prices nor weights")


def steps(files: Files) -> Iterator[Step]:
    """The reader of an archive: its request as JSON, then every input that this may name."""
    yield 2 * sum(len(content) for _, content in files)
    wanted = _request_in(_names(files))
    _, request = next(_content(files, lambda name: name == wanted))
    if len(request) > LARGEST_REQUEST:
        raise InvalidRequest(f"the request has more than {LARGEST_REQUEST // 1_000_000} MB; an export has far less")
    text = json.dumps(parse_json(request, InvalidRequest, NO_REQUEST))
    if text.count(",") > MOST_VALUES:  # each that is wrong would be told by itself, at a kilobyte
        raise InvalidRequest(f"the request holds more than {MOST_VALUES:,} values; an export has far fewer")
    yield text.encode()
    named = set(_DIGEST.findall(text))
    for name, content in _content(files):
        if (digest := digest_of(content)) in named:
            if len(content) > LARGEST_INPUT:
                raise InvalidRequest(f"{printable(name)} has more than {LARGEST_INPUT // 1_000_000} MB; export the run again")
            _check_input(name, content)
            named.remove(digest)
            yield content


def _taken(parts: Iterator[bytes | bytearray], store: Store) -> Request:
    request = request_from(json.loads(next(parts)))
    with readable(NO_REQUEST, InvalidRequest):  # what it says of itself must be possible, too
        needed, _ = set(request.inputs), (key_of(request), request.title, request.size, request.tests, request.subjects)
    for content in parts:
        if digest_of(bytes(content)) in needed:
            store.put(bytes(content))
    missing = [digest for digest in needed if digest not in store]
    if missing:
        some = f"{len(missing)} of its {len(needed)} inputs" if len(missing) < len(needed) else "its inputs"
        where = f"which are neither with it nor in this lab; bring the folder {INPUTS!r} of the export along"
        raise InvalidRequest(f"the request needs {some}, {where}")
    return request


def take_in(files: Files, store: Store) -> Request:
    """The request of an archive, its inputs put into the store; InvalidRequest when one is in neither of them."""
    return _taken(reading.in_place(steps(files)), store)


def take_in_bounded(files: Files, store: Store) -> Request:
    """As `take_in`, read in a process whose memory and time are bounded."""
    return _taken(reading.read(steps, files, error=InvalidRequest), store)


def _below(folder: Path) -> Files:
    files = [path for path in files_below(folder) if not path.name.startswith(".")]
    if sum(path.stat().st_size for path in files) > LARGEST:
        raise InvalidRequest(f"{folder} holds more than {LARGEST // 1_000_000} MB; give the folder of one export")
    return [(path.relative_to(folder).as_posix(), read_file(path, LARGEST)) for path in files]


def read(path: Path) -> Files:
    """The files of an archive: a folder, a ZIP, or a request.json with its inputs beside it."""
    if path.is_dir():
        return _below(path)
    beside = path.parent / INPUTS
    name = path.name if path.suffix in (".json", ".zip") else f"{path.name}.json"
    return [(name, read_file(path, LARGEST)), *(_below(beside) if beside.is_dir() else [])]
