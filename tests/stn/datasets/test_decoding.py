"""Large pictures are decoded in turns, and only while somebody waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from core.errors import ImageError
from core.stn.datasets import images
from core.stn.datasets.decoding.queue import SMALL, DecodingQueue
from core.stn.datasets.images import read_image, read_uploads
from tests.stn.datasets.test_images import encode, picture, zipped

LONGEST_WAIT = 60.0  # seconds, for a machine that is busy with something else


class Decoder(threading.Thread):
    """Decodes pixels in a queue, until it is told to end."""

    def __init__(self, queue: DecodingQueue, pixels: int, wanted: Callable[[], bool] = lambda: True) -> None:
        super().__init__(daemon=True)
        self.queue, self.pixels, self.wanted = queue, pixels, wanted
        self.began, self.may_end = threading.Event(), threading.Event()
        self.error: ImageError | None = None
        self.start()

    def run(self) -> None:
        try:
            with self.queue.turn(self.pixels, self.wanted):
                self.began.set()
                self.may_end.wait(LONGEST_WAIT)
        except ImageError as error:
            self.error = error

    def end(self) -> None:
        self.may_end.set()
        self.join(LONGEST_WAIT)


def test_pixels_at_work_are_bounded_and_turns_come_in_order() -> None:
    queue = DecodingQueue(10 * SMALL)
    first = Decoder(queue, 6 * SMALL)
    assert first.began.wait(LONGEST_WAIT)
    second = Decoder(queue, 6 * SMALL)
    while not queue._waiting:
        threading.Event().wait(0.01)
    third = Decoder(queue, 2 * SMALL)  # there would be room for it, but it came later
    assert not second.began.wait(0.5)
    assert not third.began.is_set()
    assert queue.at_work == 6 * SMALL
    first.end()
    assert second.began.wait(LONGEST_WAIT)
    assert third.began.wait(LONGEST_WAIT)
    assert queue.at_work == 8 * SMALL
    for one in (second, third):
        one.end()
    assert queue.at_work == 0


def test_small_pictures_wait_for_nobody() -> None:
    queue = DecodingQueue(2 * SMALL)
    large = Decoder(queue, 2 * SMALL)
    assert large.began.wait(LONGEST_WAIT)
    with queue.turn(SMALL):
        assert queue.at_work == 2 * SMALL
    large.end()


def test_a_picture_beyond_the_bound_is_decoded_alone() -> None:
    queue = DecodingQueue(2 * SMALL)
    with queue.turn(5 * SMALL):
        assert queue.at_work == 5 * SMALL
    assert queue.at_work == 0


def test_what_waits_for_somebody_who_has_left_leaves_the_queue() -> None:
    queue = DecodingQueue(2 * SMALL)
    first = Decoder(queue, 2 * SMALL)
    assert first.began.wait(LONGEST_WAIT)
    left = Decoder(queue, 2 * SMALL, lambda: False)
    left.join(LONGEST_WAIT)
    assert not left.began.is_set()
    assert left.error
    next_one = Decoder(queue, 2 * SMALL)
    first.end()
    assert next_one.began.wait(LONGEST_WAIT)
    next_one.end()


def test_a_turn_whose_picture_is_damaged_is_over() -> None:
    queue = DecodingQueue()
    with pytest.raises(ImageError), queue.turn(2 * SMALL):
        raise ImageError("damaged")
    assert queue.at_work == 0


def test_a_jpeg_takes_the_turn_of_the_pixels_that_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []

    class Noting(DecodingQueue):
        def turn(self, pixels, wanted=lambda: True):
            turns.append(pixels)
            return super().turn(pixels, wanted)

    monkeypatch.setattr(images, "DECODING", Noting())
    for form in ("JPEG", "PNG"):
        read_image("wide", encode(picture(1600, 800), form), longest=100)
    assert turns == [400 * 200, 1600 * 800]


class Visitor:
    """Leaves after some questions whether the pictures are still wanted."""

    def __init__(self, patience: int) -> None:
        self.patience, self.asked = patience, 0

    def wanted(self) -> bool:
        self.asked += 1
        return self.asked <= self.patience


@pytest.mark.parametrize("as_zip", [True, False])
def test_reading_ends_with_its_visitor(as_zip: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []

    def counted(name: str, *rest: object) -> images.Picture:
        decoded.append(name)
        return decode(name, *rest)  # type: ignore[arg-type]

    decode = images._decoded
    monkeypatch.setattr(images, "_decoded", counted)
    content = {f"{number}.png": encode(picture(), "PNG") for number in range(10)}
    files = [("set.zip", zipped(**content))] if as_zip else [*content.items()]
    assert len(read_uploads(files)) == 10
    decoded.clear()
    with pytest.raises(ImageError, match="nobody waits"):
        read_uploads(files, wanted=Visitor(patience=13).wanted)  # ten headers, three pictures
    assert len(decoded) == 3


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_pictures_that_are_small_files_of_many_pixels_are_refused_together(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_DECODED", 2_500_000)
    monkeypatch.setattr(images, "_decoded", lambda *_: pytest.fail("decoded"))
    blank = encode(picture(1000, 1000), form)
    with pytest.raises(ImageError, match=r"^set\.zip brings more than 2 million pixels in all; upload fewer"):
        read_uploads([("set.zip", zipped(**{f"{number}.{form.lower()}": blank for number in range(3)}))])
    with pytest.raises(ImageError, match=r"^2 brings more than 2 million pixels in all"):
        read_uploads([(str(number), blank) for number in range(3)])


def test_photos_whose_format_can_be_decoded_small_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_DECODED", 2_500_000)
    photo = encode(picture(1600, 1600), "JPEG")
    assert len(read_uploads([(str(number), photo) for number in range(4)], longest=100)) == 4
