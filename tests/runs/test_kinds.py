"""A kind is a row of names: what it names is there, and belongs together."""

from __future__ import annotations

import json

import click
import pytest

from core.errors import InvalidRequest
from core.runs.kinds import EXPERIMENTS, FORMER, KINDS, Kind, kind_named, kind_of, parse_request
from core.runs.result import Result
from core.stn.straighten.request import StraightenRequest
from tests.runs.count import CountRequest

EACH = pytest.mark.parametrize("kind", [kind for name, kind in EXPERIMENTS.items() if not name.startswith("count")], ids=str)


@EACH
def test_a_row_names_a_request_a_result_and_a_command_of_one_kind(kind: Kind) -> None:
    assert kind.request.model_fields["kind"].default == kind.name
    assert kind.request.bench == kind.bench
    assert issubclass(kind.result, Result)
    assert isinstance(kind.command, click.Command)
    assert kind.command.name == kind.name


def test_a_request_finds_its_row() -> None:
    assert kind_of(CountRequest()) is KINDS["count"]


def test_an_unknown_kind_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(InvalidRequest, match=r"no experiment called 'juggle'; choose straighten, classify, "):
        kind_named("juggle")


@pytest.mark.parametrize("former", FORMER)
def test_an_export_from_before_a_kind_was_renamed_is_understood(former: str) -> None:
    fields = {"kind": former, "images": ["0" * 64], "names": ["a"]}
    request = parse_request(json.dumps(fields))
    assert request == StraightenRequest(images=("0" * 64,), names=("a",))
    assert request.kind == FORMER[former]


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.part_of], ids=str)
def test_a_kind_of_parts_names_its_request_result_and_run_and_has_no_command(kind: Kind) -> None:
    assert kind.part_of in EXPERIMENTS
    assert kind.request.model_fields["kind"].default == kind.name
    assert issubclass(kind.result, Result)
    assert kind.name not in EXPERIMENTS


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.trains], ids=lambda kind: kind.name)
def test_every_kind_of_run_that_learns_can_be_stopped(kind: Kind) -> None:
    """A part that nobody asks for alone is left out when its whole is stopped."""
    whole = KINDS[kind.part_of] if kind.part_of else kind
    assert whole.request.stoppable
    assert whole.request.joint or not kind.part_of
