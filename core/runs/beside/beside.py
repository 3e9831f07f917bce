"""Two to six runs of one kind beside each other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from core.errors import InvalidRequest, RunFailed
from core.runs.beside.differences import Field, course_of, fields_of
from core.runs.beside.seeds import Spread, grouped, spread
from core.runs.kinds import kind_named
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.result import Origin
from core.runs.standing import Standing

FEWEST, MOST = 2, 6
MOST_REMEMBERED = 512


@dataclass(frozen=True)
class Facts:
    """What stands side by side of a result."""

    standing: Standing | None = None
    origins: tuple[tuple[str, Origin], ...] = ()
    course: tuple[tuple[str, str], ...] = ()


_facts: OrderedDict[str, Facts] = OrderedDict()  # by run and when it ended


@dataclass(frozen=True)
class Beside:
    """Runs, what each was asked, and where each stands; None for one that has no result."""

    runs: tuple[Run, ...]
    fields: tuple[Field, ...]
    standings: tuple[Standing | None, ...]
    origins: tuple[Origin | None, ...] = ()  # the run that each goes on from

    @property
    def differing(self) -> list[Field]:
        return [field for field in self.fields if field.differs]

    @property
    def same(self) -> list[Field]:
        return [field for field in self.fields if not field.differs]

    def name_of(self, origin: Origin, names: Sequence[str]) -> str:
        """What a run that another goes on from is called beside them: its own name here, if it is one of them."""
        return next((name for run, name in zip(self.runs, names, strict=True) if run.id == origin.run), origin.name)

    @property
    def seeds_alone(self) -> Spread | None:
        """What the errors come to where nothing but the seed differs."""
        return spread([one for one in self.standings if one]) if len(grouped(self.runs)) == 1 else None

    @property
    def comparable(self) -> bool:
        """Whether all errors are of one measure and beside the same baseline."""
        return len({(one.error_is, one.baseline_is) for one in self.standings if one}) == 1


def check(runs: Sequence[Run]) -> None:
    """InvalidRequest where these runs cannot stand beside each other."""
    if not FEWEST <= len(runs) <= MOST:
        raise InvalidRequest(f"{len(runs)} {'run' if len(runs) == 1 else 'runs'} cannot be compared; choose {FEWEST} to {MOST}")
    titles = {kind_named(run.kind).title for run in runs}
    if len(titles) > 1:
        raise InvalidRequest(f"{' and '.join(sorted(titles))} are different kinds of run; choose runs of one kind")


def beside(lab: Lab, runs: Sequence[Run]) -> Beside:
    """InvalidRequest where they cannot stand beside each other."""
    check(runs)
    every = [facts(lab, run) for run in runs]
    named = {digest: origin.name for one in every for digest, origin in one.origins}
    fields = [*fields_of([run.request for run in runs], named), *course_of([dict(one.course) for one in every])]
    origins = tuple(one.origins[0][1] if one.origins else None for one in every)
    return Beside(tuple(runs), tuple(fields), tuple(one.standing for one in every), origins)


def standing(lab: Lab, run: Run) -> Standing | None:
    """Where a run stands; None of one without a result."""
    return facts(lab, run).standing


def facts(lab: Lab, run: Run) -> Facts:
    """What is read of a run's result; opening one takes some tenths of a second, so it is remembered."""
    if run.result is None:
        return Facts()
    key = f"{run.id} {run.result} {run.finished}"
    if key not in _facts:
        found = Facts()
        with suppress(RunFailed):
            result = lab.corrected(run)
            found = Facts(result.standing, tuple(result.origins.items()), tuple(result.course.items()))
        _facts[key] = found
        while len(_facts) > MOST_REMEMBERED:
            _facts.popitem(last=False)
    return _facts[key]
