"""The command line: what the README promises, through the same entry as `python -m core`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from core.__main__ import run_main
from core.rnn.dataset.target import target_of
from core.rnn.models import REFERENCE, quick_for
from core.rnn.prices.samples import fetch
from core.rnn.prices.yahoo_limits import LIMITER
from core.runs.lab import lab
from core.runs.registry import State
from core.settings import settings
from core.stn.align.turned_digits import turned_digits
from core.stn.datasets.images import read_image
from core.stn.datasets.samples import sample
from core.stn.geometry.pixels import shrunk
from core.stn.register.pairs import made_pair
from core.stn.straighten.baseline.deskew import skew_deg
from tests.exported import tables_of
from tests.rnn.prices.stand_in import forget
from tests.stn.straighten.pages import page
from tests.stn.straighten.short import few_trials, steps_for_seconds  # noqa: F401
from tests.yahoo_server import YahooServer

slow = pytest.mark.slow
MODELS = {"rnn", "birnn", "lstm", "gru", REFERENCE, *quick_for(target_of("volatility"))}
COMPARE = ("--start", "2015-01-01", "--end", "2022-12-28", "--test-days", "250", "--seeds", "1")
SHORT = ("--start", "2018-01-01", "--end", "2022-12-28", "--test-days", "100", "--seeds", "1")


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Said]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("GRIDCAST_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GRIDCAST_WARM", "false")  # workers load what they need and no more
    settings.cache_clear()
    lab.cache_clear()
    yield tmp_path / "home"
    if lab.cache_info().currsize:
        lab().registry.close()
    settings.cache_clear()
    lab.cache_clear()


@pytest.fixture
def gridcast(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def command(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["gridcast", *map(str, words)])
        status = 0
        try:
            run_main()
        except SystemExit as end:
            status = int(end.code or 0)
        return Said(status, *capsys.readouterr())

    return command


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "coffee.png"
    Image.fromarray(sample("coffee").pixels).save(path)
    return path


def test_warp_equals_torch_within_one_grey_level(gridcast: Command, photo: Path, tmp_path: Path) -> None:
    numbers = [0.8, -0.35, 0.1, 0.3, 0.9, -0.2]
    process = gridcast("warp", photo, "--theta", " ".join(map(str, numbers)), "--out", tmp_path / "bent.png", "--json")
    assert process.status == 0
    pixels = torch.tensor(read_image("photo", photo.read_bytes()).pixels).permute(2, 0, 1)[None].float()
    grid = torch.nn.functional.affine_grid(torch.tensor(numbers).view(1, 2, 3), list(pixels.shape), align_corners=False)
    expected = torch.nn.functional.grid_sample(pixels, grid, mode="bilinear", padding_mode="border", align_corners=False)
    bent = read_image("bent", Path(process.json["out"]).read_bytes()).pixels.astype(float)
    assert np.abs(bent - expected[0].permute(1, 2, 0).numpy()).max() <= 1


@slow
@pytest.mark.usefixtures("steps_for_seconds", "few_trials")
def test_a_photo_is_learned_then_served_then_straightened(gridcast: Command, photo: Path, tmp_path: Path) -> None:
    words = ("train", "straighten", photo, "--budget", "4", "--max-angle", "15", "--json")
    first, second = gridcast(*words), gridcast(*words)
    assert (first.status, first.json["cached"], second.json["cached"]) == (0, False, True)
    assert first.json["run"] == second.json["run"]
    scores = first.json["scores"]
    assert scores["angle_error_deg"] < scores["angle_error_before_deg"] < 30
    turned = tmp_path / "turned.png"
    with Image.open(photo) as upright:
        upright.rotate(15).save(turned)
    process = gridcast("apply", first.json["run"], turned, photo, "--out", tmp_path / "out", "--json")
    rows = process.json["images"]
    assert [row["image"] for row in rows] == ["turned.png", "coffee.png"]
    assert all(np.shape(row["theta"]) == (2, 3) for row in rows)
    assert rows[0]["angle_deg"] > rows[1]["angle_deg"]  # it was turned counter-clockwise
    assert all(0 <= row["belief"] <= 1 and row["believed"] == (row["belief"] >= 0.8) for row in rows)
    assert all(row["straightened"] == row["believed"] for row in rows)
    _leaves_as_it_is_what_is_not_believed(gridcast, first.json["run"], tmp_path)
    assert {size_of(Path(row["out"])) for row in rows} == {size_of(photo)}


def _leaves_as_it_is_what_is_not_believed(gridcast: Command, run: str, folder: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    Image.fromarray(noise).save(folder / "noise.png")
    for words, straightened in (((), False), (("--anyway",), True)):
        process = gridcast("apply", run, folder / "noise.png", "--out", folder / "noisy", *words, "--json")
        [row] = process.json["images"]
        assert (row["believed"], row["straightened"]) == (False, straightened)
        assert np.array_equal(read_image("out", Path(row["out"]).read_bytes()).pixels, noise) is not straightened
    text = gridcast("apply", run, folder / "noise.png", "--out", folder / "noisy").out
    assert "left as it is" in text
    assert "--anyway" in text


def test_pages_are_straightened_without_a_run(gridcast: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(page()).rotate(-8, Image.Resampling.BICUBIC, fillcolor=(245, 240, 230)).save("scan.png")
    Image.fromarray(sample("coffee").pixels).save("coffee.png")
    process = gridcast("apply", "pages", "scan.png", "coffee.png", "--framing", "blank", "--json")
    assert (process.status, process.json["run"], gridcast("runs", "--json").json) == (0, "pages", {"runs": []})
    scan, coffee = process.json["images"]
    assert scan["angle_deg"] == pytest.approx(-8, abs=0.3)
    assert scan["angle_deg"] == pytest.approx(scan["ways_deg"][scan["way"]], abs=1e-4)
    assert [row["straightened"] for row in (scan, coffee)] == [True, False]
    assert [row["framing"] for row in (scan, coffee)] == ["blank", None]
    with Image.open(tmp_path / scan["out"]) as written:
        assert written.mode == "RGBA"
        assert written.getpixel((0, 0))[3] < 255 == written.getpixel((written.width // 2, written.height // 2))[3]  # type: ignore[index]
    level = read_image("scan", (tmp_path / scan["out"]).read_bytes()).pixels
    assert abs(skew_deg(level, 45)) < 0.3
    assert (tmp_path / "coffee-unchanged.png").exists()


@slow
def test_an_exported_request_starts_the_same_run_in_another_home(
    gridcast: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = gridcast("train", "align", *saved_digits(tmp_path), "--json").json["run"]
    process = gridcast("export", run, "--format", "json", "--to", tmp_path / "taken", "--json")
    assert {Path(path).name for path in process.json["files"]} >= {"request.json", "scores.json"}
    lab().registry.close()
    lab.cache_clear()
    settings.cache_clear()
    monkeypatch.setenv("GRIDCAST_HOME", str(tmp_path / "another"))
    again = gridcast("start", tmp_path / "taken" / "request.json", "--json").json
    assert (again["run"], again["cached"]) == (run, False)
    lost = gridcast("start", tmp_path / "nothing.json")
    assert (lost.status, "cannot be read" in lost.err) == (2, True)


def saved_digits(folder: Path) -> list[Path]:
    """Twelve fours, each turned by another angle."""
    paths = [folder / f"{number}.png" for number in range(12)]
    for path, picture in zip(paths, turned_digits(4, count=12).pictures, strict=True):
        Image.fromarray(picture.pixels).save(path)
    return paths


@slow
def test_a_stack_of_digits_is_aligned(gridcast: Command, tmp_path: Path) -> None:
    paths = saved_digits(tmp_path)
    process = gridcast("train", "align", tmp_path, "--budget", "10", "--json")
    assert process.status == 0
    scores = process.json["scores"]
    assert scores["variance_after"] < scores["variance_before"]
    assert [row["name"] for row in scores["images"]] == sorted(path.name for path in paths)
    assert all(np.shape(row["theta"]) == (2, 3) and isinstance(row["ok"], bool) for row in scores["images"])
    few = gridcast("train", "align", *paths[:4], "--json")
    assert (few.status, "4 images are too few" in few.err, few.out) == (2, True, "")


@slow
def test_a_comparison_has_every_model_and_can_be_computed_again_from_its_export(gridcast: Command, tmp_path: Path) -> None:
    process = gridcast("compare", "AAPL", "--source", "sample", "--target", "volatility", *COMPARE, "--json")
    rows = {row["model"]: row for row in process.json["scores"]}
    assert rows.keys() == MODELS
    assert all({"mae", "rmse", "mase", "skill", "dm_p"} <= row.keys() for row in rows.values())
    assert isinstance(process.json["verdict"]["beats_random_walk"], bool)
    assert process.json["verdict"]["reference"] == "har"
    assert "the reference, HAR" in process.json["verdict"]["text"]
    gridcast("export", process.json["run"], "--format", "csv", "--to", tmp_path)
    files = {path.name: path.read_bytes() for path in tmp_path.glob("*.csv")}
    table = tables_of(files, "recurrent", {"model": MODELS})["forecasts"]
    assert list(table) == ["model", "seed", "cutoff", "step", "date", "actual", "forecast"]
    assert (table.cutoff < table.date).all()  # as text
    committees = table.groupby(["model", "date"], as_index=False)[["actual", "forecast"]].mean()
    error = committees.actual - committees.forecast
    qlike = np.log(committees.forecast.clip(1e-9)) + committees.actual / committees.forecast.clip(1e-9)
    errors = committees.assign(squared=error**2, absolute=error.abs(), qlike=qlike)
    mean = errors.groupby("model")[["squared", "absolute", "qlike"]].mean()
    for model, row in rows.items():
        assert row["mae"] == pytest.approx(mean.absolute[model], rel=1e-9)
        assert row["rmse"] == pytest.approx(mean.squared[model] ** 0.5, rel=1e-9)
        if model not in ("random-walk", "drift"):  # which forecast almost nothing after a day that hardly moved
            assert row["skill"] == pytest.approx(mean.qlike["har"] - mean.qlike[model], abs=1e-9)


@slow
def test_another_cost_of_trading_trains_nothing_and_is_no_trial(gridcast: Command) -> None:
    options = ("compare", "KO", "--target", "return", "--cells", "gru", "--classical", "har", *SHORT, "--json")
    first = gridcast(*options).json
    dear = gridcast(*options, "--cost-bp", "50").json
    assert (dear["run"], dear["cached"]) == (first["run"], True)
    assert [answer["valuation"]["cost_bp"] for answer in (first, dear)] == [5.0, 50.0]
    assert [answer["valuation"]["trials"] for answer in (first, dear)] == [2, 2]
    assert dear["verdict"] == first["verdict"]
    [cheap, costly] = [answer["trading"][-2]["growth"] for answer in (first, dear)]
    assert cheap > costly
    wrong = gridcast(*options, "--cost-bp", "-1")
    assert (wrong.status, "the cost in basis points is -1" in wrong.err) == (2, True)


@slow
def test_a_finished_comparison_forecasts_the_next_days(gridcast: Command) -> None:
    options = ("--target", "return", "--cells", "gru", "--classical", "har", "--horizon", "3", *SHORT)
    run = gridcast("compare", "KO", *options, "--json").json["run"]
    answer = gridcast("forecast", run, "--days", "2", "--model", "gru", "--json").json
    assert answer["dates"] == ["2022-12-29", "2022-12-30"]
    assert len(answer["point"]) == len(answer["low"]) == len(answer["high"]) == 2
    assert all(low < point < high for low, point, high in zip(answer["low"], answer["point"], answer["high"], strict=True))
    stored = result_of(run).ahead.query("model == 'gru' and step <= 2")
    assert answer["point"] == pytest.approx(stored.forecast.to_list())
    assert answer["price"] == pytest.approx(stored.price.to_list())
    assert (answer["unit"], answer["sigma_a_year"]) == ("log return, of one day; 0.01 is 1 %", [None, None])
    far = gridcast("forecast", run, "--days", "4")
    assert (far.status, "looks 3 days ahead, not 4" in far.err) == (2, True)
    strange = gridcast("forecast", run, "--model", "lstm")
    assert (strange.status, "it has" in strange.err) == (2, True)


def test_a_forecast_of_volatility_is_said_with_its_unit_and_as_sigma_a_year(gridcast: Command) -> None:
    quick = ("--cells", "", "--classical", "har", "--test-days", "60", "--start", "2015-01-01", "--target", "volatility")
    run = gridcast("compare", "KO", *quick, "--json").json["run"]
    said, answer = gridcast("forecast", run), gridcast("forecast", run, "--json").json
    size, sigma = 100 * answer["point"][0], 100 * answer["sigma_a_year"][0]
    assert "size of the log return of one day, 90 % intervals" in said.out
    assert f": {size:.2f} % (" in said.out
    assert f", σ {sigma:.1f} % a year" in said.out
    assert sigma / size == pytest.approx(result_of(run).sigma * np.sqrt(result_of(run).days_a_year))
    assert answer["unit"] == "size of the log return, of one day; 0.01 is 1 %"
    assert said.err.splitlines()[0] == "note on KO: closes only"
    none = gridcast("forecast", run, "--days", "0")
    assert (none.status, none.err.splitlines()[-1]) == (2, "error: 0 days are no forecast; choose 1 to 1")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("compare KO --lr 0", "the learning rate is 0; choose between 1e-05 and 1"),
        ("compare KO --test-days 0", "the number of test days is 0; choose between 50"),
        ("compare KO --hidden 0", "the number of hidden units is 0; choose between 1"),
        ("compare KO --seeds 0", "the number of seeds is 0; choose between 1"),
        ("compare KO --refit-days -5", "the number of days between refits is -5; choose between 5"),
        ("panel KO XOM --steps 0", "the number of steps is 0; choose between 1"),
        ("panel KO XOM --hidden 0", "the number of hidden units is 0; choose between 1"),
        ("traps KO --seeds 0", "the number of seeds is 0; choose between 1"),
        ("traps KO --seed -1", "the seed is -1; choose a whole number"),
        ("train add --steps 0", "0 steps will not do; choose between 1"),
        ("train locate --steps 0", "0 steps will not do; choose between 1"),
    ],
)
def test_a_number_that_will_not_do_is_refused_and_not_taken_for_one_that_was_left_out(
    gridcast: Command, line: str, sentence: str
) -> None:
    refusal = gridcast(*line.split())
    assert (refusal.status, sentence in refusal.err) == (2, True)


def test_a_sweep_of_files_is_refused_with_the_path_as_it_was_typed_and_the_commands_that_take_files(gridcast: Command) -> None:
    refusal = gridcast("sweep", "ko", "/tmp/data/Walk0.csv", "walk1.csv")
    assert refusal.status == 2
    assert "'/tmp/data/Walk0.csv' is a file, and a sweep takes tickers of sample or yahoo" in refusal.err
    assert "`compare` takes one file of prices, `panel` several" in " ".join(refusal.err.split())


def test_what_to_know_about_prices_is_said_beside_the_answer(gridcast: Command) -> None:
    quick = ("--cells", "", "--classical", "ar", "--test-days", "60", "--start", "2010-01-01")
    one = gridcast("compare", "MTUM", *quick, "--json")
    notes = [line for line in one.err.splitlines() if line.startswith("note on")]
    assert notes == [
        "note on MTUM: closes only",
        "note on MTUM: the first price is that of 2 Jan 2014, the period begins on 1 Jan 2010",
    ]
    assert [f"note on MTUM: {note}" for note in one.json["provenance"]["notes"]] == notes
    several = gridcast("sweep", "MTUM", "KO", *quick)
    assert "note on all 2 tickers: closes only" in several.err
    assert "note on MTUM: the first price is that of 2 Jan 2014" in several.err
    assert "note" not in several.out


@slow
def test_a_csv_file_gives_the_same_comparison_as_the_sample(gridcast: Command, tmp_path: Path) -> None:
    prices = fetch("KO")
    path = tmp_path / "prices.csv"
    pd.DataFrame({"Date": prices.days, "Adj Close": prices.close}).to_csv(path, index=False)
    words = ("--target", "return", "--cells", "gru", *SHORT, "--json")
    ours, theirs = gridcast("compare", "KO", *words), gridcast("compare", "KO", "--source", path, *words)
    assert theirs.status == 0, theirs.err
    assert ours.json["scores"] == theirs.json["scores"]
    assert ours.json["run"] != theirs.json["run"]  # another source is another question


@pytest.fixture
def yahoo(monkeypatch: pytest.MonkeyPatch) -> Iterator[YahooServer]:
    """The stand-in, and a client that remembers nothing, before and after."""
    with YahooServer() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        forget()
        yield server
        forget()
        LIMITER.answered()


@slow
@pytest.mark.usefixtures("yahoo")
def test_yahoo_gives_the_same_comparison_as_the_sample(gridcast: Command) -> None:
    words = ("--target", "volatility", "--cells", "gru", *SHORT, "--json")
    ours, theirs = gridcast("compare", "MSFT", *words), gridcast("compare", "MSFT", "--source", "yahoo", *words)
    assert theirs.status == 0, theirs.err
    for our, their in zip(ours.json["scores"], theirs.json["scores"], strict=True):
        assert our["model"] == their["model"]
        assert their["rmse"] == pytest.approx(our["rmse"], rel=1e-3)  # Yahoo's prices travel as single precision


@slow
@pytest.mark.parametrize(("fault", "words"), [("rate_limit", "Yahoo asks us to wait"), ("reset", "no connection to Yahoo")])
def test_trouble_with_yahoo_is_one_line_and_status_2(gridcast: Command, yahoo: YahooServer, fault: str, words: str) -> None:
    yahoo.fault(fault)
    process = gridcast("compare", "AAPL", "--source", "yahoo", "--json")
    assert (process.status, process.out) == (2, "")
    assert words in process.err.strip().splitlines()[-1]
    assert "Traceback" not in process.err


def result_of(run: str) -> Any:
    return lab().result(lab().registry.find(run))


@slow
def test_a_sweep_counts_wins_and_one_bad_ticker_is_a_row_with_its_reason(gridcast: Command, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("PG  # Procter & Gamble\nNOPE")
    settings = ("--target", "volatility", "--cells", "gru", "--classical", "har", "--test-days", "100", "--seeds", "1")
    words = ("KO", "--tickers", tmp_path / "more.txt", *settings, "--start", "2017-01-01", "--json")
    first = gridcast("sweep", *words, "--workers", "2")
    assert first.status == 0, first.err
    rows, summary = first.json["rows"], first.json["summary"]
    tested = {(row["symbol"], row["model"]) for row in rows if row["model"]}
    assert tested == {(symbol, model) for symbol in ("KO", "PG") for model in ("random-walk", "har", "gru")}
    assert [row["symbol"] for row in rows if "reason" in row] == ["NOPE"]
    assert (summary["tests"], summary["by_chance"], summary["failed"]) == (4, 0.1, 1)
    assert summary["controlled"] <= summary["better"] <= 4
    again = gridcast("sweep", *words).json
    assert (again["cached"], again["rows"]) == (True, rows)
    alone = gridcast("compare", "KO", *settings, "--start", "2017-01-01", "--json").json
    assert alone["cached"]  # it is the run of the sweep


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def huge_png() -> bytes:
    """30,000 × 30,000 black pixels in 4 MB, as a picture bomb comes."""
    import struct

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compressobj(1)
    line = bytes(30_001)
    data = b"".join(rows.compress(line) for _ in range(30_000)) + rows.flush()
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def csv_of(count: int, price: Callable[[int], float]) -> bytes:
    days = pd.bdate_range("2020-01-01", periods=count).strftime("%Y-%m-%d")
    return ("date,close\n" + "\n".join(f"{day},{price(n):.4f}" for n, day in enumerate(days))).encode()


MISTAKES = {
    "a text file named .png": ("train straighten notes.png", b"only words"),
    "a truncated JPEG": ("train straighten cut.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200)),
    "a picture bomb": ("train straighten huge.png", huge_png),
    "an unknown ticker": ("compare ZZZZZ", None),
    "a CSV without a date column": ("compare X --source x.csv", b"when,close\nsoon,1\nlater,2\n"),
    "a CSV without a price column": ("compare X --source x.csv", b"date,rain\n2020-01-01,wet\n2020-01-02,dry\n"),
    "a ticker that the CSV does not hold": ("compare KO --source x.csv", b"date,AAPL close,MSFT close\n2020-01-01,1,2\n"),
    "a series of 40 rows": ("compare X --source x.csv", csv_of(40, lambda n: 100 + n % 7)),
    "a constant price": ("compare X --source x.csv", csv_of(2000, lambda _: 100.0)),
    "a negative price": ("compare X --source x.csv", csv_of(2000, lambda n: -5 if n == 700 else 100 + n % 7)),
    "a price of zero": ("compare X --source x.csv", csv_of(2000, lambda n: 0 if n == 700 else 100 + n % 7)),
    "a split that is not adjusted": ("compare X --source x.csv", csv_of(2000, lambda n: (25 if n > 700 else 100) + n % 7 / 9)),
    "a day given twice": ("compare X --source x.csv", b"date,close\n" + b"2020-01-01,1\n2020-01-01,2\n"),
    "a horizon longer than the test allows": ("compare AAPL --test-days 50 --horizon 20 --start 2021-11-01", None),
    "a horizon of 25 days": ("compare AAPL --horizon 25", None),
    "a bidirectional network on every day": ("compare AAPL --cells bilstm --type many-to-many", None),
    "ranges where there are closes only": ("compare AAPL --target volatility --measure parkinson", None),
    "no such bar size": ("compare AAPL --bars 2d", None),
    "no such bar size under the old name": ("compare AAPL --interval 2d", None),
    "a forecast of no run": ("forecast 0000", None),
    "an end before the start": ("compare AAPL --start 2020-01-01 --end 2010-01-01", None),
    "a sweep of no ticker": ("sweep", None),
    "a sweep of unknown tickers": ("sweep NOPE NADA", None),
    "a sweep of series that are too short": ("sweep KO --start 2022-01-01", None),
    "a sweep over a CSV file": ("sweep KO --source x.csv", None),
    "no such run": ("apply 0000 notes.png --out out", b""),
    "no such source": ("compare AAPL --source nowhere", None),
    "no such target": ("compare AAPL --target luck", None),
    "a theta of five numbers": ("warp photo.png --theta 1,0,0,0,1 --out out.png", b""),
    "a budget of no time": ("train straighten photo.png --budget 0", "photo"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_readable_line_and_status_2(
    gridcast: Command, mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, content = MISTAKES[mistake]
    monkeypatch.chdir(tmp_path)
    for word in words.split():
        if "." in word and content is not None:
            data = content() if callable(content) else content
            if data == "photo":
                Image.fromarray(sample("camera").pixels).save(word)
            else:
                Path(word).write_bytes(data)
    began = time.monotonic()
    process = gridcast(*words.split(), "--json")
    assert process.status == 2, process
    assert process.out == ""
    assert len(process.err.strip().splitlines()) == 1
    assert "Traceback" not in process.err
    assert time.monotonic() - began < 5
    assert gridcast("runs", "--json").json == {"runs": []}  # nothing was lost, and nothing was left behind


def test_a_photo_of_one_colour_leaves_no_run(gridcast: Command, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "flat.png")
    process = gridcast("train", "straighten", tmp_path / "flat.png", "--json")
    assert process.status == 2
    assert "flat colour" in process.err
    assert gridcast("runs", "--json").json == {"runs": []}


def test_a_photo_of_one_colour_is_left_out_among_others(gridcast: Command, tmp_path: Path) -> None:
    (folder := tmp_path / "photos").mkdir()
    Image.new("RGB", (64, 64), "teal").save(folder / "flat.png")
    Image.fromarray(sample("chelsea").pixels).save(folder / "chelsea.png")
    process = gridcast("train", "straighten", folder, "--budget", "1", "--json")
    assert "left out: flat.png is one flat colour" in process.err
    assert "the time to learn is 1 s" in process.err  # the photo is no reason to refuse the run


def test_help_names_every_command(gridcast: Command) -> None:
    process = gridcast("--help")
    assert all(word in process.out for word in ("warp", "train", "apply", "compare", "sweep", "runs", "export"))


@slow
def test_a_killed_command_leaves_an_interrupted_run(gridcast: Command, photo: Path, home: Path) -> None:
    command = [sys.executable, "-m", "core", "train", "straighten", str(photo), "--budget", "60"]
    env = {**os.environ, "GRIDCAST_HOME": str(home)}
    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
        _wait_until(lambda: any(run.state is State.RUNNING for run in lab().registry.runs()))
        process.kill()
    assert [run["state"] for run in gridcast("runs", "--json").json["runs"]] == ["interrupted"]


@slow
@pytest.mark.usefixtures("steps_for_seconds", "few_trials")
@pytest.mark.parametrize("steps_for_seconds", [15], indirect=True)
def test_what_was_learned_can_be_learned_on(gridcast: Command, photo: Path) -> None:
    first = gridcast("train", "straighten", photo, "--budget", "3", "--family", "translation", "--json").json
    words = ("train", "straighten", photo, "--budget", "3", "--start", first["run"], "--json")
    assert "learned for shift, not for turn, scale and shift" in gridcast(*words).err
    again = gridcast(*words, "--family", "translation").json
    assert again["run"] != first["run"]
    assert "continued" in gridcast("runs").out


@slow
@pytest.mark.parametrize("presses", [1, 2])
def test_one_interrupt_keeps_what_was_learned_and_two_cancel(gridcast: Command, photo: Path, home: Path, presses: int) -> None:
    code = "from core.stn.straighten import run; run.TESTING_STOPPED = 0.5; from core.__main__ import run_main; run_main()"
    command = [sys.executable, "-c", code, "train", "straighten", str(photo), "--budget", "300", "--json"]
    env = {**os.environ, "GRIDCAST_HOME": str(home)}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        _wait_until(lambda: any(run.step > 5 and run.phase == "training" for run in lab().registry.runs()))
        process.send_signal(signal.SIGINT)
        if presses == 2:
            assert "stopping" in process.stderr.readline()  # type: ignore[union-attr]
            process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    [run] = gridcast("runs", "--json").json["runs"]
    if presses == 2:
        assert (process.returncode, run["state"]) == (130, "cancelled")
    else:
        assert (process.returncode, run["state"]) == (0, "done")
        assert json.loads(out)["scores"]["stopped"]


def _wait_until(there: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_register_prints_the_theta_by_which_warp_lays_one_picture_over_the_other(gridcast: Command, tmp_path: Path) -> None:
    pair = made_pair(shrunk(sample("coffee").pixels, 96), "affine", seed=3)
    for name, pixels in (("a", pair.moving), ("b", pair.fixed)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    both = (tmp_path / "a.png", tmp_path / "b.png")
    answer = gridcast(
        "register", *both, "--family", "affine", "--max-angle", "15", "--out", tmp_path / "over.png", "--json"
    ).json
    assert (answer["believed"], answer["belief"] > 0.8, answer["seconds"] > 0) == (True, True, True)
    theta = " ".join(str(number) for row in answer["theta"] for number in row)
    assert gridcast("warp", both[0], "--theta", theta, "--out", tmp_path / "laid.png").status == 0
    laid, over, fixed = (np.asarray(Image.open(tmp_path / f"{name}.png").convert("L"), float) for name in ("laid", "over", "b"))
    middle = (slice(16, -16), slice(16, -16))
    assert np.corrcoef(laid[middle].ravel(), fixed[middle].ravel())[0, 1] > 0.98
    assert np.abs(laid - over)[middle].max() <= 1
    refused = gridcast("register", *both, "--start", "1 2 3")
    assert (refused.status, "theta has 3 finite numbers" in refused.err) == (2, True)
