"""Train the shipped examples again, after a change of what a result holds: `python -m core.examples [NAME…]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import cast

from core.rnn.compare import CompareRequest
from core.rnn.dataset.target import TargetName
from core.rnn.memory.request import MemoryRequest
from core.rnn.panel.request import panel_request
from core.rnn.prices.samples import COMPANIES, fetch
from core.rnn.sweep.request import SweepRequest
from core.rnn.traps.request import TrapsRequest
from core.runs.bundle import EXAMPLES, SUMMARIES, examples_by_name, pack, summaries_file, unpack
from core.runs.lab import Lab
from core.runs.request import Request, key_of
from core.runs.store import write_atomically
from core.settings import Settings
from core.stn.add.request import AddRequest
from core.stn.align.request import AlignRequest
from core.stn.align.turned_digits import turned_digits
from core.stn.classify.request import ClassifyRequest
from core.stn.collapse.request import CollapseRequest
from core.stn.datasets.images import read_image, to_png
from core.stn.datasets.samples import sample
from core.stn.locate.request import LocateRequest
from core.stn.parts.request import PartsRequest
from core.stn.register.pairs import made_pair
from core.stn.register.request import RegisterRequest
from core.stn.straighten.request import StraightenRequest

SIDE = 224  # pixels: small enough to ship
SEED = 20150605  # the day the paper came out: unusual, so that no request of a visitor is answered by an example
PAIR = 2015  # of Register, as its form can ask for it
FROM = date(2010, 1, 1)


def small_photo(lab: Lab) -> str:
    """The digest of the cat, no side longer than `SIDE`."""
    return lab.store.put(to_png(read_image("chelsea", to_png(sample("chelsea").pixels), SIDE).pixels))


def straighten(lab: Lab) -> Request:
    return StraightenRequest(images=(small_photo(lab),), names=("chelsea",), budget=60, seed=SEED)


def collapse(lab: Lab) -> Request:
    return CollapseRequest(image=small_photo(lab), name="chelsea", seed=SEED)


def register(lab: Lab) -> Request:
    """A picture over itself, made otherwise in a known way."""
    photo = sample("coins").pixels
    pair = made_pair(photo, "similarity", PAIR)
    images = (lab.store.put(to_png(photo)), lab.store.put(to_png(pair.fixed)))
    names = ("coins", f"coins made otherwise ({PAIR})")
    return RegisterRequest(images=images, names=names, truth=tuple(pair.truth.ravel().tolist()))


def compare(lab: Lab, target: TargetName) -> Request:
    prices = lab.store.put(fetch("^GSPC").to_bytes())
    start = date(2005, 1, 1)
    return CompareRequest(symbol="^GSPC", source="sample", prices=prices, target=target, start=start, test_days=750, seeds=5)


def align(lab: Lab) -> Request:
    sevens = turned_digits(7)
    images = tuple(lab.store.put(to_png(one.pixels)) for one in sevens.pictures)
    names = tuple(one.name for one in sevens.pictures)
    return AlignRequest(images=images, names=names, turned_deg=sevens.turned_deg, seed=SEED)


def sweep(lab: Lab, target: TargetName) -> Request:
    companies = [fetch(symbol).between(FROM) for symbol in COMPANIES]
    return SweepRequest(
        comparisons=tuple(
            CompareRequest(symbol=one.symbol, prices=lab.store.put(one.to_bytes()), target=target, seeds=3) for one in companies
        )
    )


def panel(lab: Lab) -> Request:
    return panel_request(
        COMPANIES,
        lambda symbol: fetch(symbol).between(FROM),
        lambda prices: lab.store.put(prices.to_bytes()),
        {"recipes": "nine", "per_ticker": ("gru",), "unseen": True},
    )


def memory(lab: Lab) -> Request:
    """Of the networks of the shipped comparison of volatility, as that stands there."""
    compared = unpack(lab, (EXAMPLES / "2-compare.gridcast").read_bytes())
    return MemoryRequest(comparison=cast("CompareRequest", compared.request), networks=compared.result)


MADE: dict[str, Callable[[Lab], Request]] = {  # by file name
    "1-straighten": straighten,
    "2-compare": lambda lab: compare(lab, "volatility"),
    "3-classify": lambda _: ClassifyRequest(
        digits="shipped", distortion="RTS", models=("cnn", "st-cnn"), budget=60, steps=600, seed=SEED
    ),
    "4-align": align,
    "5-locate": lambda _: LocateRequest(digit=7, clutter=True, budget=60, seed=SEED),
    "6-sweep": lambda lab: sweep(lab, "volatility"),
    "7-traps": lambda lab: TrapsRequest(symbol="AAPL", prices=lab.store.put(fetch("AAPL").between(FROM).to_bytes()), seed=SEED),
    "8-panel": panel,
    "9-compare": lambda lab: compare(lab, "return"),
    "10-memory": memory,
    "11-sweep": lambda lab: sweep(lab, "return"),
    "12-add": lambda _: AddRequest(budget=60, steps=6000, seed=SEED),
    "13-collapse": collapse,
    "14-register": register,
    "15-parts": lambda _: PartsRequest(models=("cnn", "2xst"), side=112, steps=400, seed=SEED),
}


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as home:
        lab = Lab.open(Settings(home=Path(home)))
        for name in names or MADE:
            request = MADE[name](lab)
            print(f"{name}: {request.title}", flush=True)
            for _ in lab.iterate(request):
                pass
            run = lab.registry.find(key_of(request))
            write_atomically(EXAMPLES / f"{name}.gridcast", pack(lab, run))
            print(f"{name}: {run.headline} in {run.seconds:.0f} s", flush=True)
        write_atomically(EXAMPLES / SUMMARIES, summaries_file(lab, examples_by_name(lab)))
        lab.registry.close()


if __name__ == "__main__":
    main(sys.argv[1:])
