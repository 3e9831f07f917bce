"""Train the shipped examples again, after a change of what a result holds: `python -m core.examples [NAME…]`."""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

from core.rnn.compare import CompareRequest
from core.rnn.panel.request import panel_request
from core.rnn.prices.samples import COMPANIES, fetch
from core.rnn.sweep.request import SweepRequest
from core.rnn.traps.request import TrapsRequest
from core.runs.bundle import EXAMPLES, pack
from core.runs.lab import Lab
from core.runs.request import Request, key_of
from core.runs.store import write_atomically
from core.settings import Settings
from core.stn.align.request import AlignRequest
from core.stn.align.turned_digits import turned_digits
from core.stn.classify.request import ClassifyRequest
from core.stn.datasets.images import read_image, to_png
from core.stn.datasets.samples import sample
from core.stn.locate.request import LocateRequest
from core.stn.straighten.request import StraightenRequest

SIDE = 224  # pixels: small enough to ship
SEED = 20150605  # the day the paper came out


def requests(lab: Lab) -> dict[str, Request]:
    """The examples by file name. Their seed is unusual, so that a request of a visitor is not answered by one of them."""
    photo = lab.store.put(to_png(read_image("chelsea", to_png(sample("chelsea").pixels), SIDE).pixels))
    prices = lab.store.put(fetch("^GSPC").to_bytes())
    apple = lab.store.put(fetch("AAPL").between(date(2010, 1, 1)).to_bytes())
    companies = [fetch(symbol).between(date(2010, 1, 1)) for symbol in COMPANIES]
    sevens = turned_digits(7)
    return {
        "1-straighten": StraightenRequest(images=(photo,), names=("chelsea",), budget=60, seed=SEED),
        "2-compare": CompareRequest(
            symbol="^GSPC", source="sample", prices=prices, target="volatility", start=date(2005, 1, 1), test_days=750, seeds=5
        ),
        "3-classify": ClassifyRequest(digits="shipped", distortion="RTS", models=("cnn", "st-cnn"), budget=60, seed=SEED),
        "4-align": AlignRequest(
            images=tuple(lab.store.put(to_png(one.pixels)) for one in sevens.pictures),
            names=tuple(one.name for one in sevens.pictures),
            turned_deg=sevens.turned_deg,
            seed=SEED,
        ),
        "5-locate": LocateRequest(digit=7, clutter=True, budget=60, seed=SEED),
        "6-sweep": SweepRequest(
            comparisons=tuple(
                CompareRequest(symbol=one.symbol, prices=lab.store.put(one.to_bytes()), target="volatility", seeds=3)
                for one in companies
            )
        ),
        "7-traps": TrapsRequest(symbol="AAPL", prices=apple, seed=SEED),
        "8-panel": panel_request(
            COMPANIES,
            lambda symbol: fetch(symbol).between(date(2010, 1, 1)),
            lambda prices: lab.store.put(prices.to_bytes()),
            {"recipes": "nine", "per_ticker": ("gru",), "unseen": True},
        ),
        "9-compare": CompareRequest(
            symbol="^GSPC", source="sample", prices=prices, target="return", start=date(2005, 1, 1), test_days=750, seeds=5
        ),
    }


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as home:
        lab = Lab.open(Settings(home=Path(home)))
        for name, request in requests(lab).items():
            if names and name not in names:
                continue
            print(f"{name}: {request.title}", flush=True)
            for _ in lab.iterate(request):
                pass
            run = lab.registry.find(key_of(request))
            write_atomically(EXAMPLES / f"{name}.gridcast", pack(lab, run))
            print(f"{name}: {run.headline} in {run.seconds:.0f} s", flush=True)
        lab.registry.close()


if __name__ == "__main__":
    main(sys.argv[1:])
