from pathlib import Path

import numpy as np

from core.stn.paper.answers import errors_of, keep, kept, network_of, wrong_answers


def test_only_wrong_answers_are_kept_and_all_errors_come_back(tmp_path: Path) -> None:
    labels = np.array([3, 1, 4, 1])
    answers = np.array([[3, 1, 9, 1], [3, 7, 4, 2]])
    path = tmp_path / "answers.safetensors"
    keep("one", wrong_answers(answers, labels), path)
    keep("perfect", wrong_answers(np.tile(labels, (2, 1)), labels), path)
    assert kept(path)["one"].tolist() == [[0, 2, 9], [1, 1, 7], [1, 3, 2]]
    assert np.array_equal(errors_of(kept(path)["one"], draws=2, digits=4), answers != labels)
    assert not errors_of(kept(path)["perfect"], draws=2, digits=4).any()
    assert kept(tmp_path / "none") == {}


def test_a_network_is_named_by_how_it_was_trained() -> None:
    entry = {"recipe": "a", "set": "R", "model": "cnn", "family": None, "seed": 0, "epochs": 20.0}
    others = ({"recipe": "b"}, {"epochs": 30.0}, {"minutes": 20.0}, {"seed": 1}, {"family": "affine"})
    assert len({network_of(entry | other) for other in ({}, *others)}) == 6
