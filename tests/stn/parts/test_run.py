"""Short runs on scenes and on a small folder, ended by steps."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core.drive import returned
from core.errors import InvalidRequest
from core.runs.export import export, formats_of
from core.runs.kinds import KINDS
from core.runs.store import digest_of
from core.stn.datasets.images import to_png
from core.stn.parts import figures, material
from core.stn.parts import run as running
from core.stn.parts.looks import CROP
from core.stn.parts.request import PartsRequest
from core.stn.parts.result import PartsResult
from core.stn.parts.verdict import verdict
from tests.stn.straighten.finished_runs import StandIn

RANDOM = np.random.default_rng(0)
PICTURES = [to_png(RANDOM.integers(0, 255, (60, 70, 3)).astype(np.uint8)) for _ in range(12)]
FILES = {digest_of(png): png for png in PICTURES}
FOLDER = PartsRequest(
    images=tuple(FILES), names=tuple(f"{n}.png" for n in range(12)), labels=("cat", "dog", "dog") * 4, models=("1xst", "cnn"),
    side=56, steps=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def scenes() -> PartsResult:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(material, "TESTED", 30)
        patch.setattr(material, "BATCH", 4)
        return returned(running.run(PartsRequest(models=("whole", "cnn", "2xst"), side=56, steps=2), {}))


@pytest.fixture(scope="module")
def folder() -> PartsResult:
    return returned(running.run(FOLDER, FILES))


def test_scenes_are_learned_by_all_networks_for_as_many_steps(scenes: PartsResult) -> None:
    assert scenes.model_steps == {"whole": 2, "cnn": 2, "2xst": 2}
    assert {name: given.shape for name, given in scenes.answers.items()} == dict.fromkeys(scenes.models, (30,))
    assert {name: boxes.shape for name, boxes in scenes.boxes.items()} == {"2xst": (30, 2, 3)}
    assert np.allclose(scenes.boxes["2xst"][..., 0], CROP)
    assert (scenes.cues.shape, len(scenes.cue_table)) == ((30, 2, 2), 4)
    assert abs(scenes.parameters_of("cnn") / scenes.parameters_of("2xst") - 1) < 0.05


def test_what_has_learned_nothing_yet_is_said_first(scenes: PartsResult) -> None:
    assert verdict(scenes).startswith("Too early to tell: on 30 scenes of the test no network is surely better")
    assert scenes.headline.startswith("too early to tell: no better than guessing after")
    assert {row["health"] for row in scenes.scores} == {"unhealthy"}


def test_a_small_folder_is_split_and_every_picture_of_the_test_has_its_box(folder: PartsResult) -> None:
    assert (len(folder.truth), folder.learned_from, folder.classes) == (3, 9, ("cat", "dog"))
    assert len(folder.names) == len(folder.images) == len(folder.boxes["1xst"]) == 3
    assert (len(folder.cue_table), len(folder.parts)) == (0, 1)
    middles = (folder.boxes["1xst"][:, 0, 1:] + 1) * 28
    assert np.allclose(folder.box_table[["x", "y"]].to_numpy(), middles)


def test_a_split_that_came_with_the_pictures_is_kept() -> None:
    tested = (True, True, True) + (False,) * 9
    source = material.source_of(FOLDER.model_copy(update={"tested": tested}), FILES)
    assert (source.tested.tolist(), source.learned_from) == ([0, 1, 2], 9)


def test_a_copy_is_refused() -> None:
    twice = FOLDER.model_copy(update={"images": (FOLDER.images[0], *FOLDER.images[:11])})
    with pytest.raises(InvalidRequest, match=r"1\.png is a copy of 0\.png"):
        running.check(twice, FILES)


def test_it_is_stored_drawn_and_exported(scenes: PartsResult, folder: PartsResult) -> None:
    for result in (scenes, folder):
        kept = PartsResult.from_bytes(result.to_bytes())
        assert verdict(kept) == verdict(result)
        name = next(iter(kept.boxes))
        assert len(figures.places(kept, name).data) == kept.boxes[name].shape[1]
        assert len(figures.error_bars(kept).data) == len(figures.error_curves(kept, "step").data) == len(kept.models)
        film = export(StandIn(kind="parts"), kept, "gif")["training.gif"]  # type: ignore[arg-type]
        assert 1 < Image.open(io.BytesIO(film)).n_frames <= len(kept.film_steps[name])  # equal ones are left out
        assert "gif" in formats_of(KINDS["parts"], kept)
    held = figures.cue_heatmap(scenes, "2xst").data[0].z
    assert np.allclose(held[:2].ravel(), 100 * scenes.cue_table.held)
