"""Last words: how runs ended, written down by a thread of their own, tried again until they hold."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field

from core.errors import Away, StoreError
from core.runs.recovery.outages import PATIENCE_SECONDS, pauses
from core.system.events import LOGGER, event

OUTAGES = (StoreError, OSError)


@dataclass
class _Word:
    """How one run ended: what writes it down, and what writes in its place when that has failed for too long."""

    write: Callable[[], object]
    instead: Callable[[str], object]
    said: float = field(default_factory=time.monotonic)
    tries: int = 0


class LastWords:
    """Of the runs of one engine; safe for several threads."""

    def __init__(self, troubles: MutableMapping[str, str], patience: float = PATIENCE_SECONDS) -> None:
        """`troubles` is told, by run, why its last word does not hold yet. After `patience` seconds a result is given up."""
        self._troubles, self.patience = troubles, patience
        self._words: dict[str, _Word] = {}  # by run
        self._lock, self._woken = threading.Lock(), threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="last words", daemon=True)
        self._thread.start()

    @property
    def unwritten(self) -> frozenset[str]:
        """The runs whose last words do not hold yet."""
        with self._lock:
            return frozenset(self._words)

    def say(self, run_id: str, write: Callable[[], object], instead: Callable[[str], object]) -> None:
        """Let `write` write down how a run ended; where that cannot be done for too long, `instead`, with the reason."""
        with self._lock:
            self._words[run_id] = _Word(write, instead)
        self._woken.set()

    def close(self, seconds: float) -> None:
        """Wait at most so long until all hold; those of a process that ends are lost, and it is known that it has ended."""
        self._closed = True
        self._woken.set()
        self._thread.join(seconds)

    def _work(self) -> None:
        pause = pauses()
        while not (self._closed and not self._words):
            hold = [self._holds(run_id, word) for run_id, word in list(self._words.items())]  # every one is tried
            if all(hold):
                pause = pauses()
                if not self._words and not self._closed:
                    self._woken.wait()
                self._woken.clear()
            else:
                time.sleep(pause())

    def _holds(self, run_id: str, word: _Word) -> bool:
        word.tries += 1
        try:
            word.write()
        except OUTAGES as error:
            if word.tries == 1:
                event("last word waits", {"run": run_id, "reason": str(error)}, logging.WARNING)
            self._troubles[run_id] = f"finished, but it cannot be written down yet: {error}. It is tried again"
            if not isinstance(error, Away) and time.monotonic() - word.said > self.patience:
                reason = str(error)
                word.write = lambda: word.instead(reason)
            return False
        except Exception as error:  # a defect: it must not end this thread, and the run must not be alive for ever
            LOGGER.exception("defect", extra={"fields": {"run": run_id}})
            reason = f"An unexpected {type(error).__name__}: {error}"
            word.write = lambda: word.instead(reason)
            return False
        with self._lock:
            if self._words.get(run_id) is word:
                del self._words[run_id]
        self._troubles.pop(run_id, None)
        return True
