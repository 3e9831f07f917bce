"""The kinds of experiment, one row each, by names only: nothing of an experiment is imported before it is needed.

The one way in for engine, command line, run page and export menu. A kind's folder is `core/<stn or rnn>/<kind>`; its files have
the names that every experiment's have:

    request.py   <Kind>Request: what is asked, a value
    run.py       run(request, inputs): the generator that does it; check(request, inputs): refuses what could only fail
    result.py    <Kind>Result: what came out, a value
    export.py    REPORT: its figures, tables and limits for a report; FORMATS: its export formats besides those of every run
                 (either may be missing)
    command.py   the command of the same name

and its part of the screens is `pages/parts/<stn or rnn>/<kind>.py`, whose SCREEN says how a run of it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Any

from pydantic import ValidationError

from core.errors import InvalidRequest
from core.rows import Column
from core.runs.report.parts import NO_REPORT
from core.runs.request import Bench, Inputs, Progress, Request
from core.system.unreadable import readable

FOLDERS: dict[Bench, str] = {"spatial": "stn", "recurrent": "rnn"}


@dataclass(frozen=True)
class Kind:
    """One kind of experiment: its name, the bench it belongs to, and what people call it."""

    name: str  # as in `Request.kind`
    bench: Bench
    title: str
    package: str = ""  # where its files lie, if not in the folder of its name
    part_of: str = ""  # the joint kind that it is a part of, where it is asked for in no other way: it has no command
    screen_module: str = ""
    trains: bool = True  # a network that is then used: its command is one of `train`, on the spatial bench
    seconds: float = 10.0  # for each unit of `Request.size`, on the machine of `core.speed`; until a lab has runs of its own

    @property
    def request(self) -> type[Request]:
        return self._named("request", f"{self.name.capitalize()}Request")

    @property
    def result(self) -> Any:
        """The class of its results."""
        return self._named("result", f"{self.name.capitalize()}Result")

    @property
    def formats(self) -> dict[str, Any]:
        """Its own export formats, by name."""
        return self._of_export("FORMATS", {})

    @property
    def report(self) -> Any:
        """What it says of its runs for a report (see `report.parts`)."""
        return self._of_export("REPORT", NO_REPORT)

    @property
    def command(self) -> Any:
        """Its command; imports nothing heavy."""
        return self._named("command", self.name)

    @property
    def screen(self) -> Any:
        """How its runs are shown; needs Streamlit."""
        return resolve_name(f"{self.screen_module or f'pages.parts.{FOLDERS[self.bench]}.{self.name}'}:SCREEN")

    def check(self, request: Request, inputs: Inputs) -> None:
        """Look at the inputs before the run is queued; raise a readable error for what could only fail."""
        self._named("run", "check")(request, inputs)

    def run(self, request: Request, inputs: Inputs) -> Generator[Progress, Any, Any]:
        """Do the experiment: yields Progress, returns the Result. To cancel is to stop iterating.

        What its iterator sends is a Wish or None: Wish.STOP, from when it was wished, to a kind that is stoppable.
        """
        return self._named("run", "run")(request, inputs)

    def join(self, request: Request, ended: Any) -> Any:
        """The result of a request made of others, from what became of each (see `joint`)."""
        return self._named("run", "join")(request, ended)

    def load(self) -> None:
        """Import what a run of it needs."""
        self._named("run", "run")

    @property
    def _package(self) -> str:
        return self.package or f"core.{FOLDERS[self.bench]}.{self.name}"

    def _of_export(self, name: str, otherwise: Any) -> Any:
        if not find_spec(f"{self._package}.export"):
            return otherwise
        return getattr(import_module(f"{self._package}.export"), name, otherwise)

    def _named(self, module: str, name: str) -> Any:
        return resolve_name(f"{self._package}.{module}:{name}")


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("straighten", "spatial", "Straighten", seconds=1.0),
        Kind("classify", "spatial", "Classify", seconds=1.0),
        Kind("align", "spatial", "Align", seconds=0.5),
        Kind("locate", "spatial", "Locate", seconds=0.5),
        Kind("add", "spatial", "Add", seconds=1.0),
        Kind("collapse", "spatial", "Collapse", seconds=1.0),
        Kind("parts", "spatial", "Parts", seconds=1.0),
        Kind("register", "spatial", "Register", trains=False, seconds=4.0),
        Kind("compare", "recurrent", "Compare", seconds=0.6),
        Kind("sweep", "recurrent", "Sweep"),
        Kind("panel", "recurrent", "Panel"),
        Kind("learner", "recurrent", "Learner", package="core.rnn.panel.learner", part_of="panel", seconds=20.0),
        Kind("traps", "recurrent", "Traps", seconds=4.0),
        Kind("memory", "recurrent", "Memory", seconds=2.0),
        Kind("echo", "recurrent", "Echo", seconds=2.5),
    )
}

EXPERIMENTS = Column(KINDS, lambda kind: None if kind.part_of else kind)  # that people ask for
NO_REQUEST = "this is not a request: {reason}"
FORMER = {"rectify": "straighten"}  # what a kind was called when older runs and exports were made


def kind_named(name: str) -> Kind:
    """InvalidRequest where there is no such kind."""
    kind = KINDS.get(FORMER.get(name, name))
    if kind is None:
        raise InvalidRequest(f"there is no experiment called {name[:40]!r}; choose {', '.join(KINDS)}")
    return kind


def kind_of(request: Request) -> Kind:
    return kind_named(request.kind)


def parse_request(text: str) -> Request:
    """A request from its JSON, as stored by this lab; one from elsewhere comes through `archive`."""
    with readable(NO_REQUEST, InvalidRequest):
        fields = json.loads(text)
    return request_from(fields)


def request_from(fields: Any) -> Request:
    """A request from what its JSON says."""
    with readable(NO_REQUEST, InvalidRequest):
        if not isinstance(fields, dict) or not isinstance(fields.get("kind"), str):
            raise InvalidRequest("this is not a request: it does not say of which kind it is")
        kind = kind_named(fields["kind"])
        try:
            request = kind.request.model_validate(fields | {"kind": kind.name})
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))[:80] or "it"
            raise InvalidRequest(f"this is not a request: {where} is {first['input']!r:.80}, {first['msg']:.200}") from error
    return request
