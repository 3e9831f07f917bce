from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.stn.datasets.decoding import shrinking
from core.stn.datasets.decoding.shrinking import smaller
from core.stn.datasets.images import LARGEST_AREA, is_flat, read_image

MOST_MB = 300
ROOT = Path(__file__).parents[3]
READ = """
import sys
from pathlib import Path
from core.stn.datasets.images import read_image
from tests.memory import peak_mb
content = Path(sys.argv[1]).read_bytes()
before = peak_mb()
read_image("large.png", content, int(sys.argv[2]))
print(peak_mb() - before)
"""


def noise(width: int, height: int, mode: str) -> Image.Image:
    levels = np.random.default_rng(0).integers(0, 256, (height, width, len(Image.new(mode, (1, 1)).getbands())), np.uint8)
    return Image.frombytes(mode, (width, height), levels.tobytes())


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize(("width", "height", "longest"), [(1000, 700, 90), (301, 997, 200), (2000, 9, 60), (130, 120, 129)])
def test_strips_give_what_pillow_gives_for_the_whole(
    mode: str, width: int, height: int, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shrinking, "STRIP", 10 * width)
    image = noise(width, height, mode)
    small = smaller(image, longest)
    assert max(small.size) == longest
    whole = image.resize(small.size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    assert np.abs(np.asarray(small).astype(int) - np.asarray(whole)).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_strips_are_those_of_pillow_but_for_rounding(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrinking, "STRIP", 5000)
    image = noise(500, 400, mode)
    small = smaller(image, 50)
    whole = image.convert("RGBA").resize(small.size, Image.Resampling.LANCZOS)
    apart = np.abs(np.asarray(small).astype(int) - np.asarray(whole))
    assert apart[..., 3].max() <= 12
    assert apart.mean() < 5


def test_the_range_of_the_levels_is_that_of_all_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrinking, "STRIP", 100)  # pixels: two rows
    levels = np.tile(np.linspace(-2, 6, 60, dtype=np.float32)[:, None], (1, 50))
    expected = np.clip((levels + 2) * 255 / 8 + 0.5, 0, 255).astype(np.uint8)
    image = Image.fromarray(levels)
    assert np.array_equal(np.asarray(shrinking.in_bytes(image, shrinking.deep_of(image))), expected)


def logo(mode: str, ink: int) -> bytes:
    image = Image.new(mode, (64, 48), (*([255] * (len(mode) - 1)), 0))
    image.paste((*([ink] * (len(mode) - 1)), 255), (16, 12, 48, 30))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(("mode", "ink"), [("RGBA", 255), ("LA", 254)])
def test_white_logo_on_transparent_ground_is_laid_onto_black(mode: str, ink: int) -> None:
    pixels = read_image("logo.png", logo(mode, ink)).pixels
    assert not is_flat(pixels)
    assert (pixels[0, 0] == 0).all()
    assert (pixels[20, 20] == ink).all()


def test_dark_logo_on_transparent_ground_stays_on_white() -> None:
    pixels = read_image("logo.png", logo("RGBA", 20)).pixels
    assert (pixels[0, 0] == 255).all()
    assert (pixels[20, 20] == 20).all()


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "longest"), [("RGB", 256), ("RGBA", 2048), ("I;16", 384)])
def test_the_largest_picture_takes_no_screen_above_its_memory(mode: str, longest: int, tmp_path: Path) -> None:
    side = int(LARGEST_AREA**0.5)
    path = tmp_path / "large.png"
    Image.new(mode, (side, side), 9).save(path, compress_level=1)
    done = subprocess.run(
        [sys.executable, "-c", READ, path, str(longest)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert float(done.stdout) < MOST_MB
