"""Train the shipped examples again, after a change of what a result holds: `python -m core.examples`."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from core.rnn.compare import CompareRequest
from core.rnn.samples import fetch
from core.runs.bundle import EXAMPLES, pack
from core.runs.lab import Lab
from core.runs.request import Request, key_of
from core.runs.store import write_atomically
from core.settings import Settings
from core.stn.images import read_image, to_png
from core.stn.rectify import RectifyRequest
from core.stn.samples import sample

SIDE = 224  # pixels: small enough to ship


def requests(lab: Lab) -> dict[str, Request]:
    """The examples by file name, in the order of the home screen. Nobody asks for these seeds, so nobody is served these."""
    photo = lab.store.put(to_png(read_image("chelsea", to_png(sample("chelsea").pixels), SIDE).pixels))
    prices = lab.store.put(fetch("^GSPC").to_bytes())
    return {
        "1-rectify": RectifyRequest(images=(photo,), names=("chelsea",), budget=60, seed=20150605),
        "2-compare": CompareRequest(
            symbol="^GSPC", source="sample", prices=prices, target="volatility", start=date(2005, 1, 1), test_days=750, seeds=5
        ),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        lab = Lab.open(Settings(home=Path(home)))
        for name, request in requests(lab).items():
            print(f"{name}: {request.title}", flush=True)
            for _ in lab.iterate(request):
                pass
            run = lab.registry.find(key_of(request))
            write_atomically(EXAMPLES / f"{name}.gridcast", pack(lab, run))
            print(f"{name}: {run.headline} in {run.seconds:.0f} s", flush=True)
        lab.registry.close()


if __name__ == "__main__":
    main()
