"""Readers that behave as files could make real ones behave."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

from core.errors import PriceError
from core.system.bounded.reading import Files, Step


def faithful(files: Files, *arguments: object) -> Iterator[Step]:
    yield 20_000_000
    for name, content in files:
        yield name.encode("utf-8", "surrogatepass") + content + repr(arguments).encode()


def refusing(files: Files) -> Iterator[Step]:
    yield b"a part"
    raise PriceError(f"{files[0][0]}: row 3 has no price")


def greedy(files: Files) -> Iterator[Step]:
    blocks = []
    while True:
        blocks.append(b"1" * (64 << 20))
        if not files:
            yield b""


def endless(files: Files) -> Iterator[Step]:
    signal.setitimer(signal.ITIMER_PROF, 0.05)  # in place of the twenty seconds
    yield str(sum(range(10**12))).encode()  # in one call, which hears no handler of Python's


def crashing(files: Files) -> Iterator[Step]:
    os.kill(os.getpid(), signal.SIGSEGV)
    yield b""


def careless(files: Files) -> Iterator[Step]:
    yield {}[files[0][0]]


def writing(files: Files) -> Iterator[Step]:
    try:
        with open(files[0][0], "wb", buffering=0) as file:
            file.write(b"1")
    except OSError as problem:
        yield str(problem.strerror).encode()


def slow(files: Files) -> Iterator[Step]:
    yield str(os.getpid()).encode()
    time.sleep(600)


def parent(files: Files) -> Iterator[Step]:
    yield str(os.getppid()).encode()
