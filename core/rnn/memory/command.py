"""`memory` and `trace` on the command line. Slow imports are inside the commands, so that --help is fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import click

from core.errors import InvalidRequest
from core.runs.lab import lab
from core.runs.registry import Run
from core.shell import as_json, comma_separated, do, find, request_of, say, summary
from core.system.spreadsheet import to_csv

if TYPE_CHECKING:
    from core.rnn.compare import CompareRequest, CompareResult
    from core.rnn.memory.inspection import Inspected
    from core.rnn.memory.result import MemoryResult


@click.command()
@click.argument("run")
@click.option("--placebos", type=int, help="Orders of the days, 49 to 199.  [default: 49]")
@click.option("--seeds", type=int, help="Networks of each variant trained on each order.  [default: 1]")
@as_json
def memory(run: str, as_json: bool, **options: Any) -> None:
    """What the networks of RUN, a finished comparison, keep of the days before, and whether that is more than chance."""
    from core.rnn.memory.request import MemoryRequest

    compared = find(run)
    request, _ = comparison_of(compared)
    settings = {name: value for name, value in options.items() if value is not None}
    done, cached = do(request_of(MemoryRequest, {"comparison": request, "networks": compared.result} | settings))
    result = cast("MemoryResult", lab().result(done))
    answer = {"comparison": compared.id, "variants": result.answers, "classical": result.linear_answers, "text": result.text}
    say(as_json, summary(done, cached) | answer, result.text, done, cached)


@click.command()
@click.argument("run")
@click.option("--day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The last day that is read.")
@click.option("--cells", default="", help="Variants, separated by commas.  [default: all of RUN]")
@click.option("--seed", default=0, show_default=True, help="Which of the networks of a variant, from 0.")
@click.option("--steps", default=60, show_default=True, help="The last so many steps of a network that reads all days.")
@click.option("--format", "form", type=click.Choice(["text", "csv"]), default="text", show_default=True)
@as_json
def trace(run: str, day: datetime, cells: str, seed: int, steps: int, form: str, as_json: bool) -> None:
    """Every number of the networks of RUN while they read the days until DAY: x, gates, c, h and y of each step."""
    from core.rnn.memory.inspection import OpenNetworks
    from core.runs.result import rows_of

    compared = find(run)
    request, result = comparison_of(compared)
    if steps < 1 or not 0 <= seed < request.seeds:
        raise InvalidRequest(f"--steps starts at 1, and --seed is one of the seeds 0 to {request.seeds - 1} of a variant")
    seed += request.seed
    opened = OpenNetworks.of(result, request, lab().inputs_of(request), comma_separated(cells))
    looked = [opened.inspected(*one, day.date()) for one in opened.networks if one[1] == seed]
    last = str(opened.series.days[opened.position(day.date())])
    variants = {
        one.model: one.plain(steps)
        | {"units": rows_of(opened.follows(one.model, seed)), "alike": opened.alike_plain(one.model, seed, day.date())}
        for one in looked
    }
    say(as_json, {"run": compared.id, "day": last, "variants": variants}, _WRITTEN[form](looked, steps))


def comparison_of(run: Run) -> tuple[CompareRequest, CompareResult]:
    """The request and result of a finished comparison; InvalidRequest for a run of another kind."""
    from core.rnn.compare import CompareRequest, CompareResult

    request, result = run.request, lab().result(run)
    if not isinstance(request, CompareRequest) or not isinstance(result, CompareResult):
        raise InvalidRequest(f"run {run.id} is a {run.kind}; only the networks of a comparison can be looked into")
    return request, result


def _words(looked: Sequence[Inspected], steps: int) -> str:
    """The last step of each network, a line a gate."""
    return "\n\n".join(map(_last_step, looked))


def _last_step(one: Inspected) -> str:
    lines = [one.model, *(f"  {formula}" for formula in one.formulas)]
    for part in one.traced.parts:
        own = {"x": part.x} | part.held
        lines += [f"  {part.name}, {name}: {' '.join(f'{value:+.4f}' for value in values[-1])}" for name, values in own.items()]
    lines.append(f"  y: {' '.join(f'{value:+.4f}' for value in one.traced.y[-1])}")
    lines.append(f"  forecast: {' '.join(f'{value:+.6f}' for value in one.traced.forecast)}")
    return "\n".join(lines)


def _table(looked: Sequence[Inspected], steps: int) -> str:
    """All of them as one CSV table."""
    tables = [to_csv(one.table(steps)).decode() for one in looked]
    return "".join([tables[0], *(table.partition("\n")[2] for table in tables[1:])]).rstrip("\n")


_WRITTEN: dict[str, Callable[[Sequence[Inspected], int], str]] = {"text": _words, "csv": _table}
