"""The ways in for files from strangers: examples of each, how they are altered, and what reads them."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import process_time

import numpy as np
import tifffile
from PIL import Image

from core.errors import GridcastError
from core.lessons.kept import LECTURE
from core.lessons.reading import read as read_list
from core.rnn.prices.csv_file import preview_csv, read_csv
from core.rnn.prices.prices import Prices
from core.rnn.traps.result import TrapsResult
from core.runs.archive import take_in
from core.runs.bundle import EXAMPLES, unpack
from core.runs.kinds import kind_of
from core.runs.lab import Lab
from core.stn.datasets.decoding.folders import by_folder
from core.stn.datasets.decoding.uploads import read_uploads
from core.stn.datasets.digits import idx
from core.stn.straighten.checkpoint import from_file, to_file
from tests.security.mutations import Mutation, in_bytes, in_header, in_json, in_table

NAMES = (
    "request", "archive", "bundle", "result", "prices of a run", "weights", "price table", "picture", "digits", "task list",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class Door:
    """One way in: files as the lab knows them, how they are altered, and what reads them."""

    seeds: tuple[bytes, ...]
    mutations: tuple[Mutation, ...]
    enter: Callable[[bytes], object]


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def in_example(name: str) -> dict[str, bytes]:
    with zipfile.ZipFile(EXAMPLES / f"{name}.gridcast") as archive:
        return {entry: archive.read(entry) for entry in archive.namelist()}


def picture(form: str) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


def frames() -> list[bytes]:
    """Files of several pictures."""
    first, second = (Image.new("RGB", (16, 12), colour) for colour in ("red", "blue"))
    contents = []
    for form in ("TIFF", "GIF", "PNG", "WEBP"):
        buffer = io.BytesIO()
        first.save(buffer, form, save_all=True, append_images=[second])
        contents.append(buffer.getvalue())
    return contents


def floats() -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.linspace(0, 1, 8 * 10 * 3).reshape(8, 10, 3), photometric="rgb")
    return buffer.getvalue()


def price_tables() -> tuple[bytes, ...]:
    """Tables of the kinds that the reader knows, each of forty days."""
    days = [date(2022, 1, 3) + timedelta(days=7 * (at // 5) + at % 5) for at in range(40)]
    seconds = [int(datetime.combine(day, time(15), UTC).timestamp()) for day in days]
    numbers = [f"{100 + at % 7}.{at:02d}" for at in range(40)]
    both = list(zip(days, numbers, strict=True))
    texts = (
        "Date;Close;Volume\n" + "".join(f"{day};{price.replace('.', ',')};{at}000\n" for at, (day, price) in enumerate(both)),
        "Price,Close,Close\nTicker,AAPL,MSFT\nDate,,\n" + "".join(f"{day},{price},{price}\n" for day, price in both),
        "Date,Symbol,Close\n" + "".join(f"{day},{name},{price}\n" for day, price in both for name in ("AAPL", "MSFT")),
        "Bars\n\nDate\tOpen\tHigh\tLow\tClose\n" + "".join(f"{day:%d/%m/%Y}\t1\t3\t1\t2\n" for day in days) + "Source\n",
        "".join(f"{day:%Y.%m.%d},{hour}:00,{price}\n" for day, price in both for hour in (9, 10, 11)),
        "timestamp,close\n" + "".join(f"{second}.0,{price} USD\n" for second, price in zip(seconds, numbers, strict=True)),
        "observation_date,SP500\n" + "".join(f"{1990 + at // 12}-{at % 12 + 1:02d},{100 + at}\n" for at in range(40)),
        "<TICKER>,<DATE>,<CLOSE>\n" + "".join(f"AAPL,{day:%d-%b-%y},{price}\n" for day, price in both),
    )
    return tuple(text.encode() for text in texts)


def doors_of(lab: Lab) -> dict[str, Door]:
    """By what is sent; the lab gets the inputs of all shipped runs, so that a request that is read is also checked."""
    for path in EXAMPLES.glob("*.gridcast"):
        for name, content in in_example(path.stem).items():
            if name.startswith("inputs/"):
                lab.store.put(content)
    requests = tuple(in_example(path.stem)["request.json"] for path in sorted(EXAMPLES.glob("*.gridcast")))
    traps = in_example("7-traps")
    prices = next(content for name, content in traps.items() if name.startswith("inputs/"))
    weights = to_file("affine", {"a": np.ones((2, 3), np.float32)})
    archive = zipped({name: content for name, content in in_example("4-align").items() if not name.startswith("res")})
    bundle = zipped(traps, zipfile.ZIP_DEFLATED)
    idx_file = b"\0\0\x08\x03" + (2).to_bytes(4) + (3).to_bytes(4) * 2 + bytes(18)
    pictures = (*map(picture, ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")), *frames(), floats())
    in_zip = {"train/a/b.png": pictures[0], "test/a/c.jpg": pictures[1], "a.txt": b"hi", "inner.zip": zipped({})}

    def ask(name: str, content: bytes) -> None:
        request = take_in([(name, content)], lab.store)
        kind_of(request).check(request, lab.inputs_of(request))

    def take(content: bytes) -> None:
        lab.delete(unpack(lab, content))

    def look(content: bytes) -> None:
        preview_csv("prices.csv", content)
        read_csv("prices.csv", content, "AAPL").between()

    def see(content: bytes) -> None:
        upload = read_uploads([("picture.png", content)], every=True, brighten=True)
        if any("/" in one.name for one in upload.pictures):
            by_folder(upload.pictures)

    both, tables = (in_bytes, in_json), price_tables()
    return {
        "request": Door(requests, both, lambda content: ask("request.json", content)),
        "archive": Door((archive, zipped({"request.json": requests[0]}, zipfile.ZIP_DEFLATED)), (in_bytes,),
                        lambda content: ask("archive.zip", content)),
        "bundle": Door((bundle, zipped(traps)), (in_bytes,), take),
        "result": Door((traps["result.safetensors"],), (in_bytes, in_header), TrapsResult.from_bytes),
        "prices of a run": Door((prices,), (in_bytes, in_header), Prices.from_bytes),
        "weights": Door((weights,), (in_bytes, in_header), lambda content: from_file("affine", content)),
        "picture": Door((*pictures, zipped(in_zip), zipped(in_zip, zipfile.ZIP_DEFLATED)), (in_bytes,), see),
        "price table": Door((*tables, gzip.compress(tables[0], mtime=0)), (in_bytes, in_table), look),
        "digits": Door((idx_file, gzip.compress(idx_file, mtime=0)), (in_bytes,), lambda content: idx("digits", content)),
        "task list": Door((LECTURE.read_bytes()[:4000],), (in_bytes,), lambda content: read_list(content, "tasks.yaml")),
    }  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of one altered file: the sentence of its refusal, "" where it was read, and processor seconds."""

    sentence: str
    seconds: float


def attempt(door: Door, seed: int) -> Outcome:
    """Alter one of the door's files by chance and send it in; what is neither reading nor refusing is raised."""
    chance = random.Random(seed)
    content = chance.choice(door.mutations)(chance.choice(door.seeds), chance)
    began = process_time()
    try:
        door.enter(content)
    except GridcastError as error:
        return Outcome(str(error) or "without a sentence", process_time() - began)
    return Outcome("", process_time() - began)
