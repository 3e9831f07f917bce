"""`python -m core.stn.straighten.pages.making`: train the network for pages, fit the curves of belief, write both."""

from __future__ import annotations

import time

import click
import torch

from core.runs.store import write_atomically
from core.stn.networks.weights import weights_of
from core.stn.straighten.pages.answer import FILE, shipped, to_file
from core.stn.straighten.pages.making.calibration import (
    SCANS,
    SEED,
    STRANGERS,
    evidence_with_angles,
    fitted,
    known_pages,
    known_strangers,
)
from core.stn.straighten.pages.making.training import RATE, RATE_CONTINUED, SECONDS, STEPS, fresh, train_on

MADE = ("trainings", "steps", "processor_seconds")


@click.command()
@click.option("--steps", default=STEPS, show_default=True)
@click.option("--seconds", default=SECONDS, show_default=True, help="The training ends by then, however few steps it has made.")
@click.option("--go-on", is_flag=True, help="Go on from the network that is there, with other sheets.")
@click.option("--only-belief", is_flag=True, help="Keep the network that is there, and fit the curves anew.")
def main(steps: int, seconds: float, go_on: bool, only_belief: bool) -> None:
    """Write data/pages.safetensors."""
    there = shipped() if go_on or only_belief else None
    network, made = (there.network.requires_grad_(True), dict(there.made)) if there else (fresh(), dict.fromkeys(MADE, 0))
    if not only_belief:
        began = time.process_time()
        seed, rate = (SEED + made["trainings"], RATE_CONTINUED) if there else (0, RATE)
        made["steps"] += train_on(network, seconds, steps, seed, rate).steps
        made["processor_seconds"] += round(time.process_time() - began)
        made["trainings"] += 1
    pictures = known_pages(SCANS, SEED) + known_strangers(STRANGERS, SEED)
    evidence = evidence_with_angles(network, pictures)
    write_atomically(FILE, to_file(weights_of(network), fitted(evidence), made))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
