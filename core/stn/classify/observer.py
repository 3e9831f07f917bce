"""What is watched while a classifier learns: where its transformers look, and how they fare."""

from __future__ import annotations

from torch import Tensor, nn

from core.stn.classify.recorder import ThetaRecorder
from core.stn.learning.diagnosis import Diagnosis, worst
from core.stn.learning.health import Watch
from core.stn.networks.classifiers import Classifier, Transformers
from core.training import History, Observation


def _watches(transformers: Transformers, images: Tensor, rest: list[nn.Parameter]) -> list[Watch]:
    """One for each transformer; in depth for the first, since the others look at what it shows."""
    localizers = transformers.localizers if transformers.arrangement == "parallel" else transformers.localizers[:1]
    return [Watch(localizer, transformers.look, images, rest) for localizer in localizers]


class Observer:
    """Observes one network that has transformers."""

    def __init__(self, model: Classifier, recorder: ThetaRecorder) -> None:
        assert model.transformers is not None
        self.recorder = recorder
        self._watches = _watches(model.transformers, recorder.images, list(model.body.parameters()))

    @property
    def health(self) -> Diagnosis:
        """That of the transformer that fares worst."""
        return worst(watch.diagnosis for watch in self._watches)

    def observe(self, model: Classifier, history: History) -> Observation:
        """A picture when one is due, and a sentence on how the transformers fare."""
        picture = self.recorder.observe(model, history)
        for watch in self._watches:
            watch.diagnose(history)
        return Observation(picture.pictures, note=self.health.words)
