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
from core.stn.straighten.pages.making.training import SECONDS, STEPS, trained


@click.command()
@click.option("--steps", default=STEPS, show_default=True)
@click.option("--seconds", default=SECONDS, show_default=True, help="The training ends by then, however few steps it has made.")
@click.option("--only-belief", is_flag=True, help="Keep the network that is there, and fit the curves anew.")
def main(steps: int, seconds: float, only_belief: bool) -> None:
    """Write data/pages.safetensors."""
    if only_belief:
        network, made = shipped().network, shipped().made
    else:
        began = time.process_time()
        network, history = trained(seconds, steps)
        made = {"steps": history.steps, "processor_seconds": round(time.process_time() - began)}
    known = known_pages(SCANS, SEED) + known_strangers(STRANGERS, SEED)
    evidence = evidence_with_angles(network, known)
    write_atomically(FILE, to_file(weights_of(network), fitted(evidence), made))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
