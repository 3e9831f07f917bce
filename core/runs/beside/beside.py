"""Two to six runs of one kind beside each other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from core.errors import InvalidRequest, RunFailed
from core.runs.beside.differences import Field, fields_of
from core.runs.beside.seeds import Spread, grouped, spread
from core.runs.kinds import kind_named
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.standing import Standing

FEWEST, MOST = 2, 6
MOST_REMEMBERED = 512
_standings: OrderedDict[str, Standing | None] = OrderedDict()  # by the digest of the result


@dataclass(frozen=True)
class Beside:
    """Runs, what each was asked, and where each stands; None for one that has no result."""

    runs: tuple[Run, ...]
    fields: tuple[Field, ...]
    standings: tuple[Standing | None, ...]

    @property
    def differing(self) -> list[Field]:
        return [field for field in self.fields if field.differs]

    @property
    def same(self) -> list[Field]:
        return [field for field in self.fields if not field.differs]

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
    return Beside(tuple(runs), tuple(fields_of([run.request for run in runs])), tuple(standing(lab, run) for run in runs))


def standing(lab: Lab, run: Run) -> Standing | None:
    """Where a run stands; None of one without a result. Opening a result takes some tenths of a second, so it is remembered."""
    if run.result is None:
        return None
    if run.result not in _standings:
        found = None
        with suppress(RunFailed):
            found = lab.result(run).standing
        _standings[run.result] = found
        while len(_standings) > MOST_REMEMBERED:
            _standings.popitem(last=False)
    return _standings[run.result]
