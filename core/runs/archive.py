"""Archive: a request and its inputs as files, exported from one lab and imported into the same or another.

The files are request.json and, below inputs/, what it names by digest. An input is recognised by
its content, whatever the file is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.errors import InvalidRequest
from core.runs.kinds import NO_REQUEST, request_from
from core.runs.request import Request, key_of
from core.runs.store import Store, digest_of
from core.system.files import files_below, read_file
from core.system.json_text import parse_json
from core.system.unpacking import ZIP, Bounds, unpack
from core.system.unreadable import readable

REQUEST, INPUTS = "request.json", "inputs"
LARGEST = 500_000_000  # bytes, unpacked
_PNG = b"\x89PNG\r\n\x1a\n"
Files = Mapping[str, bytes]  # path inside the archive -> content


def packed(request: Request, store: Store) -> dict[str, bytes]:
    """The request and those of its inputs that are still in the store."""
    files = {REQUEST: request.model_dump_json(indent=2).encode()}
    for digest in dict.fromkeys(request.inputs):
        if digest in store:
            content = store.get(digest)
            files[f"{INPUTS}/{digest}{'.png' if content.startswith(_PNG) else '.bin'}"] = content
    return files


def _request_in(files: Files) -> bytes:
    """The content of the one JSON file that may be a request; in a folder or a ZIP it is called request.json."""
    named = [name for name in files if name.rsplit("/", 1)[-1] == REQUEST] or [n for n in files if n.endswith(".json")]
    if len(named) != 1:
        count = "no request" if not named else f"{len(named)} requests"
        raise InvalidRequest(f"there are {count} in it; give the {REQUEST}, the folder or the ZIP of one export")
    return files[named[0]]


def take_in(files: Files, store: Store) -> Request:
    """The request of an archive, its inputs put into the store; InvalidRequest when one is in neither of them."""
    request = request_from(parse_json(_request_in(files), InvalidRequest, NO_REQUEST))
    with readable(NO_REQUEST, InvalidRequest):  # what it says of itself must be possible, too
        needed, _ = set(request.inputs), (key_of(request), request.title, request.size, request.tests, request.subjects)
    for content in files.values():
        if digest_of(content) in needed:
            store.put(content)
    missing = [digest for digest in needed if digest not in store]
    if missing:
        some = f"{len(missing)} of its {len(needed)} inputs" if len(missing) < len(needed) else "its inputs"
        where = f"which are neither with it nor in this lab; bring the folder {INPUTS!r} of the export along"
        raise InvalidRequest(f"the request needs {some}, {where}")
    return request


def opened(name: str, content: bytes) -> dict[str, bytes]:
    """The files of an upload: those inside a ZIP, or the file itself."""
    if not content.startswith(ZIP):
        return {f"{name}.json" if not name.endswith(".json") else name: content}
    return dict(unpack(name, content, Bounds(LARGEST), InvalidRequest))


def _below(folder: Path) -> dict[str, bytes]:
    files = [path for path in files_below(folder) if not path.name.startswith(".")]
    if sum(path.stat().st_size for path in files) > LARGEST:
        raise InvalidRequest(f"{folder} holds more than {LARGEST // 1_000_000} MB; give the folder of one export")
    return {path.relative_to(folder).as_posix(): read_file(path, LARGEST) for path in files}


def read(path: Path) -> dict[str, bytes]:
    """The files of an archive: a folder, a ZIP, or a request.json with its inputs beside it."""
    if path.is_dir():
        return _below(path)
    content = read_file(path, LARGEST)
    beside = path.parent / INPUTS
    return opened(path.name, content) | (_below(beside) if beside.is_dir() else {})
