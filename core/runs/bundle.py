"""A finished run as one file: request, inputs, result and how long it took, in a ZIP. The lab ships its examples like this."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import StoreError
from core.runs.kinds import kind_of, request_from
from core.runs.lab import Lab
from core.runs.registry import Run, State
from core.runs.request import Request, key_of
from core.runs.store import digest_of
from core.runs.visitors.visitor import COMMAND_LINE, LAB
from core.runs.work import Outcome
from core.system.events import event
from core.system.json_text import parse_json
from core.system.unpacking import Bounds
from core.system.unpacking import unpack as unpacked
from core.system.unreadable import readable

EXAMPLES = Path(__file__).parents[1] / "examples"  # `python -m core.examples` makes them
SUMMARIES = "summaries.json"
NO_BUNDLE = "this is not a bundle of a run: {reason}"
BOUNDS = Bounds(500_000_000)


def pack(lab: Lab, run: Run) -> bytes:
    """The bundle of a finished run; RunFailed when it has no result."""
    content = lab.result(run).to_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("request.json", run.request_json)
        archive.writestr("run.json", json.dumps({"seconds": run.seconds, "finished": run.finished}))
        archive.writestr("result.safetensors", content)
        for digest, data in lab.inputs_of(run.request).items():
            archive.writestr(f"inputs/{digest}", data)
    return buffer.getvalue()


@dataclass(frozen=True)
class Summary:
    """What the list of runs says of a result, kept beside a bundle: so that it can be taken in without being opened."""

    result: str  # its digest
    headline: str
    scores: Any
    data: tuple[str, ...]  # see `Result.tested_data`

    @classmethod
    def of(cls, lab: Lab, run: Run) -> Summary:
        return cls(run.result or "", run.headline, run.scores, lab.result(run).tested_data)

    def outcome(self, content: bytes, about: Mapping[str, float]) -> Outcome:
        return Outcome(
            about["seconds"], content, self.headline, self.scores, tuple(self.data), finished=about["finished"]
        )  # fmt: skip


def _outcome(request: Request, content: bytes, about: Mapping[str, float], summary: Summary | None) -> Outcome:
    """Of a result; StoreError when this version cannot read it."""
    if summary and summary.result == digest_of(content):
        return summary.outcome(content, about)
    result = kind_of(request).result.from_bytes(content)
    return replace(Outcome.of(result, about["seconds"], about["finished"]), content=content)


def _take_in(lab: Lab, request: Request, inputs: list[bytes], outcome: Outcome, visitor: str) -> Run:
    for data in inputs:
        lab.store.put(data)
    if (there := lab.registry.get(key_of(request))) and there.result and there.result not in lab.store:
        lab.registry.evict([there.result])
    run, ours = lab.registry.claim(request, visitor=visitor)  # not `Lab.claim`: there is a result, so nothing to check
    return (ours and lab.keep(run.id, outcome)) or run


def _is_here(lab: Lab, request: Request) -> bool:
    """Whether the lab has the result of a request already."""
    run = lab.registry.get(key_of(request))
    return bool(run and run.state is State.DONE and run.result and run.result in lab.store)


def _request_in(bundle: bytes) -> Request:
    name = "request.json"
    files = dict(unpacked("this bundle", bundle, BOUNDS, StoreError, lambda entry: entry.filename == name))
    return request_from(parse_json(files[name], StoreError, NO_BUNDLE))


def _about(files: Mapping[str, bytes]) -> dict[str, float]:
    about = parse_json(files["run.json"], StoreError)
    return {name: float(about[name]) for name in ("seconds", "finished")}


def unpack(lab: Lab, bundle: bytes, visitor: str = COMMAND_LINE, summary: Summary | None = None) -> Run:
    """Take a bundle's run into the lab, for a visitor, unless it is there already. StoreError when it is no such bundle.

    With the summary of its result it is not opened.
    """
    with readable(NO_BUNDLE, StoreError):
        request = _request_in(bundle)
        key_of(request)
    if _is_here(lab, request):
        return lab.registry.claim(request, visitor=visitor)[0]
    with readable(NO_BUNDLE, StoreError):
        files = dict(unpacked("this bundle", bundle, BOUNDS, StoreError))
        about, content = _about(files), files["result.safetensors"]
        inputs = [files[f"inputs/{digest}"] for digest in request.inputs]
        if [digest_of(data) for data in inputs] != list(request.inputs):
            raise StoreError("this is not a bundle of a run: an input in it is another than its name says")
        outcome = _outcome(request, content, about, summary)  # may fail; nothing has been stored yet
    return _take_in(lab, request, inputs, outcome, visitor)


def summaries() -> dict[str, Summary]:
    """Of the shipped runs, by the name of their file; none where there are none yet."""
    path = EXAMPLES / SUMMARIES
    return {name: Summary(**fields) for name, fields in json.loads(path.read_text()).items()} if path.exists() else {}


def summaries_file(lab: Lab, runs: Mapping[str, Run]) -> bytes:
    """The content of the file of summaries."""
    return json.dumps({name: asdict(Summary.of(lab, run)) for name, run in runs.items()}).encode() + b"\n"


def examples(lab: Lab) -> list[Run]:
    """The shipped finished runs, taken into the lab; one that this version cannot read is left out, and the log says why."""
    return list(examples_by_name(lab).values())


def _number(path: Path) -> int:
    """Of "2-compare.gridcast"."""
    return int(path.name.split("-")[0])


def examples_by_name(lab: Lab) -> dict[str, Run]:
    """The same, by the name of their file ("2-compare"), which stays when an example is made again."""
    runs, written_down = {}, summaries()
    for path in sorted(EXAMPLES.glob("*.gridcast"), key=_number):
        try:
            runs[path.stem] = unpack(lab, path.read_bytes(), LAB, written_down.get(path.stem))
        except StoreError as error:
            event("example left out", {"file": path.name, "reason": str(error)}, logging.WARNING)
    return runs
