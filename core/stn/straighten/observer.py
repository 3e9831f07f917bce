"""What is watched while a network learns to straighten: one photo, the error so far, its health, at times its weights."""

from __future__ import annotations

from core.stn.geometry.families import FamilyName
from core.stn.learning.health import Watch
from core.stn.networks.spatial_transformer import SpatialTransformer
from core.stn.networks.weights import weights_of
from core.stn.straighten.checkpoint import to_file
from core.stn.straighten.error_probe import ErrorProbe
from core.stn.straighten.recorder import PhotoRecorder
from core.training import History, Observation

CHECKPOINT_SECONDS = 5.0  # least time between two files of weights


class Observer:
    """Observes one network; everything it measures is on distortions that training does not draw."""

    def __init__(self, model: SpatialTransformer, family: FamilyName, recorder: PhotoRecorder, probe: ErrorProbe) -> None:
        self.family, self.recorder, self.probe = family, recorder, probe
        self.watch = Watch(model.localization, lambda images, theta: model.sampler(images, model.grid(theta)), probe.views)
        self._checkpoint_at = CHECKPOINT_SECONDS

    def observe(self, model: SpatialTransformer, history: History) -> Observation:
        """Everything that is due now, for the next Progress."""
        error = self.probe.measure(model, history)
        photo = self.recorder.observe(model, history)
        numbers = dict(photo.numbers) if error is None else {"error": error, **photo.numbers}
        note = self.watch.diagnose(history).words
        return Observation(photo.pictures, numbers, note, self._checkpoint(model, history))

    def _checkpoint(self, model: SpatialTransformer, history: History) -> bytes | None:
        if history.seconds < self._checkpoint_at:
            return None
        self._checkpoint_at = history.seconds + CHECKPOINT_SECONDS
        return to_file(self.family, weights_of(model.localization))
