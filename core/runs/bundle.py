"""A finished run as one file: request, inputs, result and how long it took, in a ZIP. The lab ships its examples like this."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from dataclasses import replace
from pathlib import Path

from core.errors import StoreError
from core.runs.kinds import kind_of, parse_request
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.request import Request
from core.runs.visitors.visitor import COMMAND_LINE, LAB
from core.runs.work import Outcome
from core.system.events import event

EXAMPLES = Path(__file__).parents[1] / "examples"  # `python -m core.examples` makes them


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


def _take_in(lab: Lab, request: Request, inputs: list[bytes], content: bytes, about: dict[str, float], visitor: str) -> Run:
    result = kind_of(request).result.from_bytes(content)  # may fail; nothing has been stored yet
    for data in inputs:
        lab.store.put(data)
    run, ours = lab.registry.claim(request, visitor=visitor)  # not `Lab.claim`: there is a result, so nothing to check
    if not ours:
        return run
    outcome = replace(Outcome.of(result, about["seconds"], about["finished"]), content=content)
    return lab.keep(run.id, outcome) or run


def unpack(lab: Lab, bundle: bytes, visitor: str = COMMAND_LINE) -> Run:
    """Take a bundle's run into the lab, for a visitor, unless it is there already. StoreError when it is no such bundle."""
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            request = parse_request(archive.read("request.json").decode())
            about = json.loads(archive.read("run.json"))
            content = archive.read("result.safetensors")
            inputs = [archive.read(f"inputs/{digest}") for digest in request.inputs]
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise StoreError(f"this is not a bundle of a run: {error}") from error
    return _take_in(lab, request, inputs, content, about, visitor)


def examples(lab: Lab) -> list[Run]:
    """The shipped finished runs, taken into the lab; one that this version cannot read is left out, and the log says why."""
    return list(examples_by_name(lab).values())


def examples_by_name(lab: Lab) -> dict[str, Run]:
    """The same, by the name of their file ("2-compare"), which stays when an example is made again."""
    runs = {}
    for path in sorted(EXAMPLES.glob("*.gridcast")):
        try:
            runs[path.stem] = unpack(lab, path.read_bytes(), LAB)
        except StoreError as error:
            event("example left out", {"file": path.name, "reason": str(error)}, logging.WARNING)
    return runs
