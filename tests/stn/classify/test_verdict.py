from __future__ import annotations

import numpy as np

from core.stn.classify.verdict import rate, reference_of, verdict
from core.stn.learning.scoring import accuracy

TRUTH = np.arange(1000) % 10
ALIKE = {"cnn": 1000, "st-cnn": 1010, "st-fcn": 1000, "fcn": 400, "modern-cnn": 990}


def wrong_on(*images: int, of: np.ndarray = TRUTH) -> np.ndarray:
    """One draw of answers (1, N) that are right but on these images."""
    answers = of.copy()
    answers[list(images)] = (answers[list(images)] + 1) % 10
    return answers[None]


def test_a_sure_difference_is_told_in_standard_errors() -> None:
    answers = {"cnn": wrong_on(*range(50)), "st-cnn": wrong_on(*range(10))}
    sentence = verdict(answers, TRUTH, ALIKE, "1,000 test digits")
    assert sentence == (
        "On 1,000 test digits the ST-CNN errs on 1.0 ± 0.3 %, the CNN with as many weights on 5.0 ± 0.7 %: "
        "better by 6 standard errors."
    )


def test_a_worse_transformer_is_called_worse() -> None:
    answers = {"cnn": wrong_on(*range(10)), "st-cnn": wrong_on(*range(50))}
    assert "worse by 6 standard errors" in verdict(answers, TRUTH, ALIKE, "1,000 test digits")


def test_a_difference_within_noise_is_not_called_one() -> None:
    answers = {"cnn": wrong_on(*range(12)), "st-cnn": wrong_on(*range(20, 30))}
    sentence = verdict(answers, TRUTH, ALIKE, "1,000 test digits")
    assert "a difference of 0.2 points (0.4 standard errors), which chance alone could explain" in sentence


def test_the_same_errors_are_the_same_errors() -> None:
    answers = {"cnn": wrong_on(1, 2, 3), "st-cnn": wrong_on(1, 2, 3)}
    assert "they err on the same images" in verdict(answers, TRUTH, ALIKE, "1,000 test digits")


def test_where_nobody_errs_nobody_is_said_to_have_erred() -> None:
    answers = {"cnn": wrong_on(), "st-cnn": wrong_on()}
    assert "0 % (0 to 0 %): neither errs on any of the images." in verdict(answers, TRUTH, ALIKE, "1,000 test digits")


def test_one_that_errs_everywhere_is_not_the_same_as_one_that_errs_nowhere() -> None:
    answers = {"cnn": wrong_on(*range(1000)), "st-cnn": wrong_on()}
    assert "better by as much on every one of the images" in verdict(answers, TRUTH, ALIKE, "1,000 test digits")


def test_unequal_sizes_are_told() -> None:
    answers = {"fcn": wrong_on(*range(50)), "st-fcn": wrong_on(*range(10))}
    assert "the FCN with 400 weights against 1,000 on" in verdict(answers, TRUTH, ALIKE, "1,000 test digits")


def test_the_modern_network_is_judged_beside_them() -> None:
    answers = {"cnn": wrong_on(*range(50)), "st-cnn": wrong_on(*range(20)), "modern-cnn": wrong_on(*range(3))}
    sentence = verdict(answers, TRUTH, ALIKE, "1,000 test digits")
    assert "Beside the ST-CNN, the modern CNN errs on 0.3 ± 0.2 %: better by 4 standard errors." in sentence


def test_one_model_alone_is_only_measured() -> None:
    sentence = verdict({"st-cnn": wrong_on(*range(20))}, TRUTH, ALIKE, "1,000 test digits")
    assert sentence == "On 1,000 test digits the ST-CNN errs on 2.0 ± 0.4 %."


def test_few_images_say_what_could_not_be_seen() -> None:
    few = np.arange(36) % 3
    answers = {"cnn": wrong_on(*range(9), of=few), "st-cnn": wrong_on(*range(7), of=few)}
    sentence = verdict(answers, few, ALIKE, "36 pictures")
    assert "chance alone could explain" in sentence
    doubt = "A difference can be sure only where one network errs more often than the other on at least 4 of these 36 images."
    assert doubt in sentence
    assert doubt in verdict(dict.fromkeys(answers, wrong_on(of=few)), few, ALIKE, "36 pictures")  # whatever the errors are


def test_a_network_that_may_be_guessing_is_named() -> None:
    few = np.arange(36) % 3
    answers = {"cnn": wrong_on(*range(22), of=few), "st-cnn": wrong_on(*range(3), of=few)}
    sentence = verdict(answers, few, ALIKE, "36 pictures")
    assert (
        "It is not sure that the CNN learned more than always naming the most frequent class, which is wrong on 67 %"
        in sentence
    )


def test_no_error_is_told_with_its_interval() -> None:
    assert rate(accuracy(wrong_on(of=np.zeros(20, int)), np.zeros(20, int))) == "0 % (0 to 16 %)"


def test_the_cnn_is_what_others_are_compared_to() -> None:
    assert reference_of(("fcn", "modern-cnn", "cnn", "st-cnn")) == "cnn"
    assert reference_of(("st-fcn", "modern-cnn")) == "modern-cnn"
    assert reference_of(("st-fcn", "st-cnn")) is None


def test_the_steps_of_each_side_are_told() -> None:
    answers = {"cnn": wrong_on(*range(50)), "st-cnn": wrong_on(*range(10)), "modern-cnn": wrong_on(*range(3))}
    steps = {"cnn": 1200, "st-cnn": 75, "modern-cnn": 60}
    sentence = verdict(answers, TRUTH, ALIKE, "1,000 test digits", steps)
    assert "better by 6 standard errors (75 steps against 1,200)." in sentence
    assert "better by 3 standard errors (60 steps against 75)." in sentence
    assert "(75 steps each)." in verdict(answers, TRUTH, ALIKE, "1,000 test digits", dict.fromkeys(steps, 75))
    early = verdict(answers, TRUTH, ALIKE, "1,000 test digits", steps, early=True)
    assert "standard errors" not in early
    assert "on 5.0 ± 0.7 % (75 steps against 1,200)." in early


def test_a_transformer_that_has_not_moved_is_no_cause() -> None:
    answers = {"cnn": wrong_on(*range(50)), "st-cnn": wrong_on(*range(10))}
    words = "its transformer has not moved: this difference is not its doing"
    assert words in verdict(answers, TRUTH, ALIKE, "1,000 test digits", still=["st-cnn"])
    assert "not moved" not in verdict(answers, TRUTH, ALIKE, "1,000 test digits")
    alone = verdict({"st-cnn": wrong_on(1)}, TRUTH, ALIKE, "1,000 test digits", still=["st-cnn"])
    assert alone.endswith("its transformer has not moved.")


def test_where_one_class_is_most_images_every_class_counts_alike() -> None:
    truth = np.repeat([0, 1], [500, 2])
    answers = {"cnn": np.zeros((1, 502), int), "st-cnn": np.where(np.arange(502) == 501, 0, truth)[None]}
    sentence = verdict(answers, truth, ALIKE, "502 pictures")
    assert "99.6 % of these images are of one class" in sentence
    assert "(balanced error), the CNN errs on 50 %, the ST-CNN errs on 25 %." in sentence
    assert "better by" not in sentence


def test_where_the_classes_are_alike_nothing_is_balanced() -> None:
    answers = {"cnn": wrong_on(*range(12)), "st-cnn": wrong_on(*range(20, 30))}
    assert "balanced" not in verdict(answers, TRUTH, ALIKE, "1,000 test digits")
