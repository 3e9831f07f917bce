from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.errors import ImageError
from core.stn.datasets.decoding import uploads
from core.stn.datasets.decoding.uploads import read_uploads
from core.stn.datasets.images import from_png, read_image, to_jpeg, to_png

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encode(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def picture(width: int = 40, height: int = 30) -> Image.Image:
    x = np.linspace(0, 255, width)[None, :, None] * np.ones((height, 1, 3))
    x[..., 1] = np.linspace(0, 255, height)[:, None]
    x[..., 2] = 90
    return Image.fromarray(x.astype(np.uint8))


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_format_gives_the_same_picture(form: str) -> None:
    pixels = read_image("a", encode(picture(), form)).pixels
    assert pixels.shape == (30, 40, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - np.asarray(picture())).mean() < 12  # GIF and JPEG lose a little


def test_exif_orientation_turns_the_picture_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the top of the scene is on the right
    content = encode(picture().rotate(90, expand=True), "PNG", exif=exif)
    assert np.array_equal(read_image("a", content).pixels, np.asarray(picture()))


@pytest.mark.parametrize("longest", [384, 20])
def test_sixteen_bits_are_scaled_not_clipped(longest: int) -> None:
    grey = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (64, 1))
    pixels = read_image("a", encode(Image.fromarray(grey), "PNG"), longest).pixels
    expected = np.asarray(Image.fromarray((grey / 257).astype(np.uint8)).resize(pixels.shape[1::-1], Image.Resampling.LANCZOS))
    assert np.abs(pixels[..., 0].astype(int) - expected).max() <= 2


def test_sixteen_bits_keep_their_levels_when_shrunk_beside_a_hard_edge() -> None:
    grey = np.full((600, 800), 33000, np.uint16)
    grey[200:400, 300:500] = 65535
    pixels = read_image("a", encode(Image.fromarray(grey), "PNG")).pixels
    assert pixels.shape == (288, 384, 3)
    assert (pixels[20, 20] == 128).all()
    assert (pixels[144, 192] == 255).all()


def test_float_levels_are_kept_when_shrunk_beside_a_hard_edge() -> None:
    grey = np.full((600, 800), 0.4, np.float32)
    grey[200:400, 300:500] = 1.0
    pixels = read_image("a", encode(Image.fromarray(grey), "TIFF")).pixels
    assert (pixels[20, 20] == 102).all()
    assert (pixels[144, 192] == 255).all()


def test_float_below_zero_and_without_contrast_is_black() -> None:
    flat = np.full((16, 16), -3.0, np.float32)
    assert (read_image("a", encode(Image.fromarray(flat), "TIFF")).pixels == 0).all()


@pytest.mark.parametrize("longest", [384, 20])
def test_dark_sixteen_bits_stay_dark(longest: int) -> None:
    grey = np.tile(np.linspace(0, 257, 64).astype(np.uint16), (64, 1))
    assert read_image("a", encode(Image.fromarray(grey), "PNG"), longest).pixels.max() <= 1


@pytest.mark.parametrize(("values", "top"), [(1.0, 1.0), (255.0, 255.0), (65535.0, 65535.0), (9e5, 9e5)])
def test_float_tiff_is_scaled_by_the_range_of_its_values(values: float, top: float) -> None:
    ramp = np.tile(np.linspace(0, values, 32, dtype=np.float32), (16, 1))
    pixels = read_image("a", encode(Image.fromarray(ramp), "TIFF")).pixels
    assert np.abs(pixels[..., 0] - ramp * 255 / top).max() <= 1


def test_alpha_is_laid_onto_white() -> None:
    image = picture().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    assert (read_image("a", encode(image, "PNG")).pixels == 255).all()


def test_transparent_palette_is_laid_onto_white() -> None:
    image = Image.new("P", (16, 16), 0)
    image.putpalette([200, 0, 0] * 256)
    assert (read_image("a", encode(image, "PNG", transparency=0)).pixels == 255).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK"])
def test_every_mode_becomes_rgb_bytes(mode: str) -> None:
    form = "TIFF" if mode == "CMYK" else "PNG"
    pixels = read_image("a", encode(picture(80, 60).convert(mode), form), longest=40).pixels
    assert pixels.shape == (30, 40, 3)
    assert 60 < pixels[..., 1].mean() < 190


def test_large_pictures_are_stored_at_384_pixels() -> None:
    assert read_image("a", encode(picture(1600, 800), "JPEG")).pixels.shape == (192, 384, 3)
    assert read_image("a", encode(picture(1600, 800), "JPEG"), longest=None).pixels.shape == (800, 1600, 3)


def test_animated_gif_gives_its_first_frame() -> None:
    first, second = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (16, 16), "blue")
    content = encode(first, "GIF", save_all=True, append_images=[second])
    assert read_image("a", content).pixels[0, 0].tolist() == [254, 0, 0] or read_image("a", content).pixels[0, 0, 0] == 255


def huge_png(side: int) -> bytes:
    """A PNG whose header claims side x side pixels, without the pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [7_500, 10_000, 30_000])
def test_huge_picture_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(ImageError, match=r"huge\.png .*50 million"):
        read_image("huge.png", huge_png(side))


def test_broken_uploads_are_named_with_cause_and_next_step() -> None:
    jpeg = encode(picture(400, 300), "JPEG")
    for content, cause in [
        (b"", "is empty"),
        (b"hello, I am text", "not a picture"),
        (jpeg[: len(jpeg) // 2], "damaged or cut short"),
        (encode(picture(1, 1), "PNG"), "at least 8 a side"),
        (b"%PDF-1.7 nothing", "not a picture"),
    ]:
        with pytest.raises(ImageError, match=rf"^x\.png .*{cause}"):
            read_image("x.png", content)


def test_zip_counts_as_the_pictures_inside_it() -> None:
    png = encode(picture(), "PNG")
    content = zipped(
        **{"a.png": png, "sub/b.PNG": png, "__MACOSX/._a.png": b"junk", ".hidden.png": b"junk", "notes.txt": b"hi"}
    )
    names = [read.name for read in read_uploads([("set.zip", content), ("c.png", png)]).pictures]
    assert names == ["a.png", "sub/b.PNG", "c.png"]


@pytest.mark.parametrize("path", ["../x.png", "/etc/x.png", "a/../../x.png", "..\\x.png", "C:\\x.png"])
def test_zip_with_a_path_that_climbs_out_is_refused(path: str) -> None:
    with pytest.raises(ImageError, match=r"set\.zip holds a path that leads out"):
        read_uploads([("set.zip", zipped(**{path: encode(picture(), "PNG")}))])


def test_zip_with_a_name_that_no_list_can_show_is_refused() -> None:
    with pytest.raises(ImageError, match=r"^set\.zip holds a file whose name has more than 300 letters; shorten it"):
        read_uploads([("set.zip", zipped(**{f"{'x' * 300}.png": encode(picture(), "PNG")}))])
    assert len(read_uploads([("x" * 5_000, encode(picture(), "PNG"))]).pictures[0].name) == 300


def test_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST_ZIP", 1_000_000)
    with pytest.raises(ImageError, match="unpacks to more than 1 MB"):
        read_uploads([("set.zip", zipped(**{"a.png": b"\0" * 1_000_001}))])


@pytest.mark.parametrize("path", [".", "./"])
def test_zip_that_lists_its_own_folder_is_read(path: str) -> None:
    content = zipped(**{path: b"", "./a.png": encode(picture(), "PNG")})
    assert [read.name for read in read_uploads([("set.zip", content)]).pictures] == ["./a.png"]


def test_small_zip_of_large_pictures_is_refused_before_all_of_them_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_PIXELS", 2_000_000)
    png = encode(Image.new("L", (1000, 1000)), "PNG")
    content = zipped(**{"a.png": png, "b.png": png, "c.png": png, "d.png": b"never looked at"})
    with pytest.raises(ImageError, match=r"^set\.zip brings more than 2 million pixels in all; upload fewer"):
        read_uploads([("set.zip", content)], longest=None)
    with pytest.raises(ImageError, match=r"^c\.png brings more than 2 million"):
        read_uploads([(f"{name}.png", png) for name in "abcd"], longest=None)
    assert len(read_uploads([("a.png", png)] * 4).pictures) == 4  # small enough once they are shrunk


def test_thousand_photos_at_their_stored_size_are_not_too_many() -> None:
    assert uploads.MOST_PICTURES * uploads.STORED_SIDE * (uploads.STORED_SIDE * 3 // 4) <= uploads.MOST_PIXELS


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("caf\udce9.png", "caf?.png"),
        ("a\x00b\nc\x7f\x9b.png", "abc.png"),
        ("écran 1\u202fPM 日本.png", "écran 1\u202fPM 日本.png"),
        ("\x01", "a file without a name"),
    ],
)
def test_names_can_be_shown_and_stored(name: str, shown: str) -> None:
    png = encode(picture(), "PNG")
    assert read_image(name, png).name == read_uploads([(name, png)]).pictures[0].name == shown
    json.dumps(shown, ensure_ascii=False).encode()


def test_names_in_a_refusal_can_be_shown() -> None:
    with pytest.raises(ImageError, match=r"^bad\?\.zip cannot be unpacked"):
        read_uploads([("bad\udce9\n.zip", b"nonsense")])
    with pytest.raises(ImageError, match=r"^caf\?\.png is not a picture"):
        read_uploads([("caf\udce9.png", b"hello")])


def test_zip_without_pictures_or_that_is_broken_is_refused() -> None:
    with pytest.raises(ImageError, match="holds no pictures"):
        read_uploads([("set.zip", zipped(**{"notes.txt": b"hi"}))])
    with pytest.raises(ImageError, match="cannot be unpacked"):
        read_uploads([("set.zip", b"PK\x03\x04 nonsense")])


def test_locked_zip_is_refused() -> None:
    content = bytearray(zipped(**{"a.png": encode(picture(), "PNG")}))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag that says: encrypted
    with pytest.raises(ImageError, match="locked with a password"):
        read_uploads([("set.zip", bytes(content))])


def test_broken_picture_inside_a_zip_is_named() -> None:
    with pytest.raises(ImageError, match=r"^sub/bad\.png is not a picture"):
        read_uploads([("set.zip", zipped(**{"sub/bad.png": b"hello"}))])


def test_too_many_uploads_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_PICTURES", 2)
    png = encode(picture(), "PNG")
    with pytest.raises(ImageError, match="more than 2 pictures"):
        read_uploads([("a.png", png)] * 3)
    with pytest.raises(ImageError, match="holds 3 pictures"):
        read_uploads([("set.zip", zipped(**{f"{i}.png": png for i in range(3)}))])


def test_png_is_canonical_and_lossless() -> None:
    pixels = np.asarray(picture())
    assert to_png(pixels) == to_png(pixels.copy())
    assert np.array_equal(from_png(to_png(pixels)), pixels)
    assert np.array_equal(from_png(to_png(pixels[..., 0])), np.repeat(pixels[..., :1], 3, axis=2))


def test_jpeg_is_close_to_the_picture() -> None:
    pixels = np.asarray(picture())
    assert np.abs(from_png(to_jpeg(pixels)).astype(int) - pixels).mean() < 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (encode(picture(), "PNG"), []),
        (encode(picture().convert("RGBA"), "PNG"), []),  # opaque everywhere
        (encode(Image.new("LA", (16, 16), (9, 100)), "PNG"), ["transparency"]),
        (encode(Image.fromarray(np.zeros((16, 16), np.uint16)), "PNG"), ["8 bits"]),
        (encode(picture(), "JPEG", icc_profile=SRGB), ["profile"]),
        (encode(picture(), "GIF", save_all=True, append_images=[Image.new("RGB", (40, 30))]), ["frames"]),
    ],
)
def test_what_pixels_alone_do_not_show_is_said(content: bytes, words: list[str]) -> None:
    lost = read_image("a", content).beyond_pixels
    assert len(lost) == len(words)
    assert all(word in what for word, what in zip(words, lost, strict=True))


def test_a_profile_of_other_colours_is_not_kept() -> None:
    of_cmyk = SRGB[:16] + b"CMYK" + SRGB[20:]
    read = read_image("a", encode(picture().convert("CMYK"), "JPEG", icc_profile=of_cmyk))
    assert (read.profile, read.dropped) == (b"", ("the colour profile",))


@pytest.mark.parametrize("size", [(4000, 10), (10, 4000)])
def test_a_strip_of_which_nothing_would_be_left_is_refused_by_its_own_size(size: tuple[int, int]) -> None:
    content = encode(Image.new("RGB", size), "PNG")
    with pytest.raises(ImageError, match=rf"strip\.png is {size[0]:,} x {size[1]:,} pixels, too long and narrow: .*, 1 of its"):
        read_image("strip.png", content)
    assert read_image("strip.png", content, longest=None).pixels.shape[:2] == size[::-1]
