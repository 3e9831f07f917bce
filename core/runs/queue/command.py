"""What `python -m core queue` says: the engines of this lab, what is at work there, what waits and for how long."""

from __future__ import annotations

import time
from typing import Any

from core.runs.database.engines import EngineNote
from core.runs.lab import Lab
from core.runs.queue.places import places
from core.runs.queue.words import about
from core.speed import in_words, slowness


def report(lab: Lab) -> dict[str, Any]:
    """As JSON: of each engine that lives its workers, how many times slower they are than those of the machine on which the
    presets were chosen (None: not measured), the runs at work and those that wait, in the order in which they begin."""
    return {"engines": [_of(lab, one) for one in lab.line.engines()]}


def _of(lab: Lab, engine: EngineNote) -> dict[str, Any]:
    queue = lab.line.queue(engine)
    by_run = places(queue, time.time())
    ids = [one.run for one in queue.at_work] + [one.run for one in queue.waiting]
    titles = {run.id: run.title for run in lab.registry.several(ids).values()}
    at_work = [{"run": one.run, "title": titles.get(one.run, ""), "seconds_left": round(one.left, 1)} for one in queue.at_work]
    waiting = [
        {"run": one.run, "title": titles.get(one.run, ""), "direct": one.direct, "place": place and place.number,
         "seconds": place and round(place.seconds, 1)}
        for one, place in sorted(((one, by_run.get(one.run)) for one in queue.waiting), key=lambda pair: _order(pair[1]))
    ]  # fmt: skip
    speed = round(slowness(engine.speed), 2) if engine.speed else None
    return {
        "workers": engine.workers,
        "kept": engine.kept,
        "slowness": speed,
        "trouble": engine.trouble,
        "at_work": at_work,
        "waiting": waiting,
    }


def _order(place: Any) -> float:
    return place.number if place else float("inf")


def words(report: dict[str, Any]) -> str:
    """The same in words."""
    if not report["engines"]:
        return "No engine runs here. The server starts one: make run"
    return "\n\n".join(_words_of(engine) for engine in report["engines"])


def _words_of(engine: dict[str, Any]) -> str:
    count = engine["workers"]
    lines = [f"{count} worker{'' if count == 1 else 's'}{', one of them for runs of at most 20 s' if engine['kept'] else ''}"]
    if engine["slowness"]:
        lines[0] += f"; {in_words(engine['slowness'])}"
    lines += [f"  what waits {engine['trouble']}"] if engine["trouble"] else []
    lines += [f"  at work  {one['run']}  {about(one['seconds_left'])} left  {one['title']}" for one in engine["at_work"]]
    for one in engine["waiting"]:
        wait = f"{one['place']}. begins in {about(one['seconds'])}" if one["place"] else "behind these"
        lines.append(f"  waits    {one['run']}  {wait}  {one['title']}")
    return "\n".join(lines)
