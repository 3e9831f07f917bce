"""The export formats of a straighten run. What a format needs is imported when it is used."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown, conclusion_in_words
from core.stn.datasets.canvas_size import EXTENT, VIEW
from core.stn.drawing.animation import animated
from core.stn.drawing.grid_overlay import grid_on, margined
from core.stn.drawing.losses import loss_curve
from core.stn.export import parity
from core.stn.export.weights_file import weights_file
from core.stn.straighten.exam.in_words import score_in_words, trials_in_words, while_it_learned
from core.stn.straighten.figures import errors_before_and_after, parts_of, recovered_against_applied, recovered_by_photo
from core.stn.straighten.live_figures import error_so_far, path_of_theta
from core.stn.straighten.result import StraightenResult


def _weights(run: Run, result: StraightenResult, familiar: bool = False) -> bytes:
    """Tensors by name: the network's, if wanted what familiar photos show; in the header what one has to know to use them."""
    from core.stn.straighten.looking.looks import LOOKS, Looking  # here, so that this module loads without torch
    from core.stn.straighten.predict import doubt_of

    about = {
        "family": result.family,
        "looks": str(LOOKS),
        "sides": str(Looking.of(result.distortions).sides),
        "input": f"1 x {VIEW} x {VIEW}: grey, cut to a disc and standardised inside it; from a canvas of extent {EXTENT:g}",
    }
    tensors = result.weights | ({"familiar": doubt_of(result).familiar} if familiar else {})
    return weights_file(run, tensors, about)


def _safetensors(run: Run, result: StraightenResult) -> Files:
    return {"weights.safetensors": _weights(run, result), f"{run.kind}-{run.id}.safetensors": result.to_bytes()}


def _script(run: Run, result: StraightenResult) -> Files:
    from core.stn.straighten.program import straighten_script

    script, weights = straighten_script(run, result).encode(), _weights(run, result, familiar=True)
    return {"straighten.py": script, "weights.safetensors": weights}


def _gif(run: Run, result: StraightenResult) -> Files:
    """The recorded photo with the grid where the network looks, beside what it sees there, stage by stage."""
    from core.stn.drawing.grid_overlay import grid_on, margined

    given = [grid_on(result.film_distorted, theta) for theta in result.film_thetas]
    frames = [np.concatenate([left, margined(right)], axis=1) for left, right in zip(given, result.film, strict=True)]
    return {"training.gif": animated(frames, [f"after {seconds:.1f} s" for seconds in result.film_seconds])}


def _onnx(run: Run, result: StraightenResult) -> Files:
    from core.stn.straighten.onnx import onnx_files  # loads for a second

    return onnx_files(run, result)


_EXAMPLES = 4  # that a report shows


def _beside(given: np.ndarray, theta: np.ndarray, straightened: np.ndarray) -> np.ndarray:
    """A picture with the grid of theta beside what that makes of it."""
    return np.concatenate([grid_on(given, theta), margined(straightened)], axis=1)


def _shown(result: StraightenResult) -> Iterator[Shown]:
    unit = "°" if result.turns else " %"
    for number, trial in enumerate(result.trials.head(_EXAMPLES).itertuples()):
        words = f"Turned by {trial.applied_deg:.1f}°; the network says {trial.recovered_deg:.1f}°."
        if not result.turns:
            words = f"Off by {trial.grid_error_before:.1f} % before, by {trial.grid_error_after:.2f} % after."
        drawn = _beside(result.distorted[str(number)], result.example_thetas[number], result.straightened[str(number)])
        yield Shown(f"{trial.name}: as given, with the predicted grid, and straightened", drawn, words)
    yield Shown("Error before and after", errors_before_and_after(result), "A mark a trial.")
    for name in parts_of(result):
        what = "angle" if name == "turn" else name
        yield Shown(f"Recovered against applied {what}", recovered_against_applied(result, name=name))
        yield Shown(f"Recovered {what} by photo", recovered_by_photo(result, name=name))
    yield Shown(
        "Error while it learned", error_so_far(result.errors, unit.strip(), went_on=result.went_on), while_it_learned(result)
    )
    yield Shown("θ of one photo while the network learned", path_of_theta(result.path, result.applied))
    yield Shown(
        "Loss", loss_curve(result.loss_steps, result.loss, "photometric loss", logarithmic=True, went_on=result.went_on)
    )


def _words(result: StraightenResult) -> str:
    """As on its screen: the conclusion, the score with what is believed, and how many trials that is of."""
    scored = score_in_words(result).replace("**", "").replace("\n\n", "\n")
    return "\n".join([conclusion_in_words(result), scored, trials_in_words(result)])


ABOUT = {
    "errors": "The error while it learned: the median over the same few distortions, measured again and again.",
    "path": "What it said of one photo at every stage of the training; what had been done to it does not change.",
    "thetas": "θ of the examples, which undoes what was done: a photo turned by −36° has a θ of +36°, because it says where "
    "each point of the straightened photo lies in the given one.",
    "strangers": "Trials on pictures of other kinds, which it should not believe.",
    "tilts": "Trials on photos turned as an editor turns them, which training does not practise.",
    "new_photos": "Trials on half of the photos by a second network that learned from the other half.",
}
STEP = """\
import torch
from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.images import from_png
from core.stn.straighten.run import untrained
from core.stn.straighten.self_supervision import batches, photometric_loss

photos = [from_png(lab().store.get(digest)) for digest in request.images]
network = untrained(request.family, request.seed)  # localisation network, grid generator, sampler
optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)
bent = batches(canvases_of(photos), request.distortions.for_training, 16, torch.Generator().manual_seed(request.seed))
batch = next(bent)  # the photos, bent at random: view, and the upright ones to compare with
straight, theta = network(batch.view, batch.canvases.pixels, batch.rest)  # forward: theta, grid, sample
loss = photometric_loss(network, batch)  # the difference of straight and upright; it does not know how they were bent
loss.backward()  # the gradient of the loss by every weight
optimizer.step()  # each weight a little against its gradient
print(f"theta {tuple(theta.shape)}; loss {loss.item():.4f} -> {photometric_loss(network, batch).item():.4f}")
"""
REPORT = Report(
    _shown,
    step=lambda request: STEP,
    about=ABOUT,
    words=_words,
    limits=(
        "The photos of the test are those that it learned from, or like them, under distortions it had not seen: other photos "
        "may be straightened less well, which the belief is there to say.",
        "What stands upright is what the photos it learned from showed: nobody told it where up is.",
    ),
)


FORMATS = {
    "safetensors": Format("Weights (safetensors)", _safetensors, "the network alone, and the whole result"),
    "onnx": Format(
        "Network (ONNX)",
        _onnx,
        "made when you press, which takes some seconds; with a report of how exactly it agrees",
        check=parity.check,
    ),
    "script": Format(
        "Python file", _script, "one file that straightens photos with nothing but torch and Pillow, and its weights"
    ),
    "gif": Format("Training (GIF)", _gif, "one photo straightening itself while the network learned"),
}
