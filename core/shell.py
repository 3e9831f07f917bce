"""What all commands share: options, running a request with a progress bar, and the answer in words or as JSON.

With --json one JSON object goes to standard output and nothing else; progress goes to standard error. Knows no experiment.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, TypeVar

import click
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from core.errors import InvalidRequest, RunFailed
from core.runs.lab import follow, lab
from core.runs.registry import Run, State
from core.runs.request import Progress as Step
from core.runs.request import Request, key_of
from core.runs.visitors.visitor import COMMAND_LINE
from core.settings import settings

Command = TypeVar("Command", bound=Callable[..., Any])
errors = Console(stderr=True)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, on standard output.")
photos_argument = click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))


# -- arguments ------------------------------------------------------------------------------------------


class NamesOption(click.Option):
    """An option that takes names of a table's rows: {names} in its help are those, read when the help is shown, not before.

    `table` is "module:NAME"; of a table whose keys are several names, `place` says which of them is meant.
    """

    def __init__(self, *declarations: Any, table: str, place: int = 0, **attributes: Any) -> None:
        super().__init__(*declarations, **attributes)
        self.table, self.place = table, place

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        keys = [key if isinstance(key, str) else key[self.place] for key in resolve_name(self.table)]
        plain = self.help or ""
        self.help = plain.replace("{names}", ", ".join(dict.fromkeys(keys)))
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = plain


def names_option(
    option: str, table: str, default: str | None = None, help: str = "One of {names}.", place: int = 0
) -> Callable[[Command], Command]:
    """The decorator of such an option; see `NamesOption`."""
    return click.option(
        option, cls=NamesOption, table=table, place=place, default=default, show_default=bool(default), help=help
    )  # fmt: skip


def comma_separated(text: str) -> tuple[str, ...]:
    """The words of "one, two,three"."""
    return tuple(filter(None, (part.strip().lower() for part in text.split(","))))


def unused_path(folder: Path, stem: str, suffix: str) -> Path:
    """A path in the folder at which there is no file yet."""
    numbered = (folder / f"{stem}{'' if n == 1 else f'-{n}'}{suffix}" for n in range(1, 10_000))
    return next(path for path in numbered if not path.exists())


def request_of(kind: type[Request], fields: dict[str, Any]) -> Request:
    """A checked request; what pydantic finds wrong becomes one sentence."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"--{part}".replace("_", "-") for part in first["loc"][:1])
        raise InvalidRequest(f"{where} {first['input']!r} will not do: {first['msg']}".strip()) from error


def find(run: str) -> Run:
    """The run whose id begins with this text, its state up to date."""
    existing = lab().look(lab().registry.find(run).id)
    if existing is None:
        raise InvalidRequest(f"run {run} was deleted")
    return existing


# -- running a request ---------------------------------------------------------------------------------


@contextmanager
def _first_interrupt(caught: bool) -> Iterator[threading.Event]:
    """Inside the block the first Ctrl+C, if it is to be caught, only sets the event; the next one interrupts."""
    interrupted = threading.Event()
    if not caught or threading.current_thread() is not threading.main_thread():  # only the main thread can handle signals
        yield interrupted
        return

    def once(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # even where a background job was started to ignore it
        interrupted.set()

    before = signal.signal(signal.SIGINT, once)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _stop(request: Request) -> None:
    """End the training of a run of this process and keep its network; of another process's run only the watching ends."""
    run = lab().look(key_of(request))
    if run is None or run.owner != lab().registry.owner.name or not lab().registry.stop(run.id):
        raise KeyboardInterrupt
    errors.print("stopping: it learns no further and keeps what it has learned; interrupt once more to cancel")


def _watch(request: Request, doing: Generator[Step, None, Run]) -> Run:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[loss]}"),
        TimeRemainingColumn(),
    )
    try:
        step = next(doing)  # before the bar is drawn: a request that is refused shows none
        with Progress(*columns, console=errors, transient=True) as bar, _first_interrupt(request.stoppable) as interrupted:
            task = bar.add_task(request.title, total=None, loss="")
            while True:
                loss = f"loss {step.numbers['loss']:.4f}" if "loss" in step.numbers else ""
                words = f"{request.title}: {step.phase}"
                bar.update(task, description=words, completed=step.step, total=step.total or None, loss=loss)
                if interrupted.is_set():
                    _stop(request)
                    interrupted.clear()
                step = next(doing)
    except StopIteration as end:
        return end.value


def _on_cluster(request: Request, workers: int) -> Generator[Step, None, Run]:
    from core.runs.engine import connect

    engine = connect(lab(), settings().scheduler, workers, settings().worker_memory)
    try:
        run = engine.submit(request)
        try:
            yield from follow(lab(), run.id)
        finally:
            if run.owner == lab().registry.owner.name:
                engine.leave(run.id, COMMAND_LINE)  # only where we leave before its end
        return find(run.id)
    finally:
        engine.close()


def do(request: Request, workers: int = 1, as_they_are: bool = False) -> tuple[Run, bool]:
    """Run a request: in this process, on so many workers of its own, or on the cluster that GRIDCAST_SCHEDULER names.

    The flag says whether its result was in the store already. `as_they_are`: whoever asks says that its prices are right.
    """
    if as_they_are:
        request = lab().confirmed(request)
    existing = lab().look(key_of(request))
    if existing and existing.state is State.DONE and existing.result and existing.result in lab().store:
        return existing, True
    here = workers == 1 and not settings().scheduler
    run = _watch(request, lab().iterate(request) if here else _on_cluster(request, workers))
    if run.state is not State.DONE:
        raise RunFailed(run.error or f"The run was {run.state}.")
    return run, False


# -- the answer ----------------------------------------------------------------------------------------


def summary(run: Run, cached: bool) -> dict[str, Any]:
    """What every answer about a finished run holds; as in the lab: corrected for other tests."""
    result = lab().corrected(run)
    standing, conclusion = result.standing, result.conclusion.plain(run.request)
    answer = {"run": run.id, "seconds": run.seconds, "cached": cached, "scores": result.scores, "conclusion": conclusion}
    return answer | standing.plain if standing else answer


def say(as_json: bool, answer: dict[str, Any], text: str, run: Run | None = None, cached: bool = False) -> None:
    """Answer with one JSON object, or in words and how long the run took."""
    if as_json:
        click.echo(json.dumps(answer))
        return
    click.echo(text)
    if run is not None:
        click.echo(f"run {run.id}, {'trained before' if cached else 'trained'} in {run.seconds:.1f} s")
