from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Any

import pytest

from core.errors import DatabaseError
from core.runs.live import broadcast
from core.runs.live.blocks import Column, FigureBlock, Look, View
from core.runs.live.broadcast import ALIVE, RETRY, Broadcasts, TooManyListeners
from core.runs.live.frames import Drawn, drawn

LOOK = Look()
PATIENCE = 60.0  # seconds that a busy machine may take


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "EVERY", ((10**6, 0.005),))


def waited_for(work: Coroutine[Any, Any, None]) -> None:
    with ThreadPoolExecutor(1) as pool:  # of its own: a browser test may have left an event loop running in this thread
        pool.submit(lambda: asyncio.run(asyncio.wait_for(work, PATIENCE))).result()


class Run:
    """A run that reports when a test says so; counts how often it is drawn."""

    def __init__(self) -> None:
        self.step, self.ended, self.here, self.draws = 0, False, True, 0
        self._last: tuple[Any, Drawn] | None = None

    def draw(self, run_id: str, look: Look) -> Drawn | None:
        key = (self.step, self.ended, look)
        if not self.here:
            return None
        if self._last is None or self._last[0] != key:
            self.draws += 1
            still, moving = FigureBlock("still", 10, {"data": []}), FigureBlock("moving", 10, {"data": [self.step]})
            rows = () if self.ended else ((Column([still, moving]),),)
            self._last = key, drawn(View("running", f"step {self.step}", rows=rows, ended=self.ended))
        return self._last[1]


def frame_of(event: bytes) -> dict[str, Any]:
    assert event.startswith(b"data: ")
    assert event.endswith(b"\n\n")
    return dict(json.loads(event.removeprefix(b"data: ")))


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.002)


async def begun(stream: AsyncIterator[bytes]) -> bytes:
    """The first frame of a stream."""
    assert await anext(stream) == RETRY
    return await anext(stream)


def test_a_hundred_listeners_are_sent_the_same_bytes_made_once() -> None:
    run = Run()

    async def work() -> None:
        casts = Broadcasts(run.draw)
        streams = [casts.listen("run", LOOK) for _ in range(100)]
        firsts = await asyncio.gather(*map(begun, streams))
        assert len(set(firsts)) == 1
        run.step = 1
        seconds = await asyncio.gather(*map(anext, streams))
        assert len(set(seconds)) == 1
        assert run.draws == 2
        assert casts.channels == 1
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]

    waited_for(work())


def test_a_new_listener_gets_the_whole_and_then_only_what_has_changed() -> None:
    run = Run()

    async def work() -> None:
        casts = Broadcasts(run.draw)
        async with aclosing(casts.listen("run", LOOK)) as stream:
            assert set(frame_of(await begun(stream))["blocks"]) == {"0.0.0", "0.0.1"}
            run.step = 1
            change = frame_of(await anext(stream))
            assert change["head"]["words"] == "step 1"
            assert list(change["blocks"]) == ["0.0.1"]
            assert change["blocks"]["0.0.1"]["plotly"] == {"data": [1]}
            async with aclosing(casts.listen("run", LOOK)) as late:
                assert set(frame_of(await begun(late))["blocks"]) == {"0.0.0", "0.0.1"}

    waited_for(work())


def test_a_stream_outlasts_a_database_that_is_away_for_a_while_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "AWAY_SECONDS", 0.005)
    run, away = Run(), list[int]()

    def draw(run_id: str, look: Look) -> Drawn | None:
        if run.step == 1 and len(away) < 3:
            away.append(1)
            raise DatabaseError("the lab's database does not answer")
        return run.draw(run_id, look)

    async def work() -> None:
        casts = Broadcasts(draw)
        async with aclosing(casts.listen("run", LOOK)) as stream:
            await begun(stream)
            run.step = 1
            said = frame_of(await anext(stream))
            assert said["head"]["words"] == "how far it is cannot be read: the lab's database does not answer"
            assert said["blocks"] == {}  # what is drawn stays
            back = frame_of(await anext(stream))
            assert (back["head"]["words"], len(away)) == ("step 1", 3)
        away.clear()
        with pytest.raises(DatabaseError):
            await casts.once("run", LOOK)

    waited_for(work())
    assert away


def test_a_slow_listener_is_sent_the_latest_whole_and_nothing_piles_up() -> None:
    run = Run()

    async def work() -> None:
        casts = Broadcasts(run.draw)
        async with aclosing(casts.listen("run", LOOK)) as slow, aclosing(casts.listen("run", LOOK)) as quick:
            await asyncio.gather(begun(slow), begun(quick))
            for step in (1, 2, 3):
                run.step = step
                assert frame_of(await anext(quick))["head"]["words"] == f"step {step}"
            latest = frame_of(await anext(slow))
            assert latest["head"]["words"] == "step 3"
            assert len(latest["blocks"]) == 2

    waited_for(work())


def test_nothing_is_drawn_when_the_last_listener_has_left() -> None:
    run = Run()

    async def work() -> None:
        casts, tasks = Broadcasts(run.draw), len(asyncio.all_tasks())
        streams = [casts.listen("run", Look(mode)) for mode in ("light", "dark", "dark")]
        await asyncio.gather(*map(begun, streams))
        assert (casts.channels, casts.listeners) == (2, 3)
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        assert (casts.channels, casts.listeners) == (0, 0)
        await until(lambda: len(asyncio.all_tasks()) == tasks)
        before, run.step = run.draws, 1
        await asyncio.sleep(0.05)
        assert run.draws == before

    waited_for(work())


@pytest.mark.parametrize("here", [True, False])
def test_the_stream_of_a_run_that_ends_or_is_deleted_closes(here: bool) -> None:
    run = Run()

    async def work() -> None:
        casts = Broadcasts(run.draw)
        stream = casts.listen("run", LOOK)
        await begun(stream)
        run.ended, run.here = True, here
        rest = [frame_of(event)["head"]["ended"] async for event in stream]
        assert rest == ([True] if here else [])
        assert (casts.channels, casts.listeners) == (0, 0)

    waited_for(work())


def test_streams_close_when_the_server_stops() -> None:
    run = Run()

    async def work() -> None:
        casts = Broadcasts(run.draw)
        stream = casts.listen("run", LOOK)
        await begun(stream)
        casts.close()
        assert [event async for event in stream] == []

    waited_for(work())


def test_a_stream_in_which_nothing_happens_shows_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "HEARTBEAT_SECONDS", 0.01)
    run = Run()

    async def work() -> None:
        async with aclosing(Broadcasts(run.draw).listen("run", LOOK)) as stream:
            assert await anext(stream) == RETRY
            pieces = [await anext(stream) for _ in range(5)]
            frames = [piece for piece in pieces if piece != ALIVE]  # a busy machine draws the first after a sign of life
            assert [frame_of(frame)["head"]["words"] for frame in frames] == ["step 0"] * len(frames)
            assert len(frames) <= 1

    waited_for(work())


def test_listeners_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "MOST_LISTENERS", 1)
    run = Run()

    async def work() -> None:
        casts = Broadcasts(run.draw)
        async with aclosing(casts.listen("run", LOOK)) as stream:
            await begun(stream)
            with pytest.raises(TooManyListeners):
                await anext(casts.listen("run", LOOK))

    waited_for(work())


def test_a_drawing_that_fails_is_logged_and_ends_the_stream(caplog: pytest.LogCaptureFixture) -> None:
    def broken(run_id: str, look: Look) -> Drawn | None:
        raise ZeroDivisionError

    async def work() -> None:
        assert [event async for event in Broadcasts(broken).listen("run", LOOK)] == [RETRY]

    waited_for(work())
    assert "the live view of run run cannot be drawn" in caplog.text
