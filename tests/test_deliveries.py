"""Deliveries for machines without a network: a folder of wheels, and a zip with the painter inside."""

import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from stylestrip.blender_addon.runtime.bundle import bundled_packages

from build_steps import BuildError, deliveries, package
from build_steps.deliveries import Target

LINUX = Target("linux-x86_64", "3.13")
WORDS = "Permission is hereby granted, to test."


def put_torch(folder: Path) -> Path:
    """A wheel that may pass for torch until somebody multiplies."""
    path, info = folder / "torch-1.0-py3-none-any.whl", "torch-1.0.dist-info"
    files = {
        "torch/__init__.py": "whose = 'bundled'\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: torch\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/licenses/LICENSE": WORDS,
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where deliveries are made, of a lock with one wheel, which has been downloaded before."""
    root, downloads = tmp_path / "root", tmp_path / "downloads"
    downloads.mkdir()
    wheel = put_torch(downloads)
    described = {"name": "torch", "version": "1.0", "licence": "BSD"}
    described |= {"sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(), "size": wheel.stat().st_size}
    lock = {"targets": {"linux-x86_64 3.13": [wheel.name]}, "wheels": {wheel.name: described | {"installed": 99}}}
    (tmp_path / "lock.json").write_text(json.dumps(lock))
    shutil.copytree(
        package.ROOT, root, ignore=shutil.ignore_patterns(".*", "dist", "docs", "demo", "tests", "__pycache__")
    )
    monkeypatch.setattr(deliveries, "ROOT", root)
    monkeypatch.setattr(deliveries, "DOWNLOADS", downloads)
    monkeypatch.setattr(deliveries, "FILE", tmp_path / "lock.json")
    return root / "dist"


def test_a_bundle_is_the_same_bytes_again_and_has_wheels_manifest_and_licences(dist, capsys):
    path = deliveries.bundle(LINUX)
    first = path.read_bytes()
    assert deliveries.bundle(LINUX).read_bytes() == first
    assert path.parent == dist and f"{len(first):,} bytes" in capsys.readouterr().out
    with zipfile.ZipFile(path) as archive:
        manifest, words = archive.read("blender_manifest.toml").decode(), archive.read("LICENCES.txt").decode()
        assert "wheels/torch-1.0-py3-none-any.whl" in archive.namelist()
    assert 'platforms = ["linux-x64"]' in manifest and '"./wheels/torch-1.0-py3-none-any.whl"' in manifest
    assert "torch 1.0: BSD" in words and WORDS in words


def test_a_folder_of_wheels_holds_those_of_the_lock_with_their_licences_and_nothing_else(dist):
    folder = deliveries.wheels_folder(LINUX)
    (folder / "stray-1.0-py3-none-any.whl").touch()
    (folder / "torch-1.0-py3-none-any.whl").unlink()
    assert deliveries.wheels_folder(LINUX) == folder
    assert sorted(path.name for path in folder.iterdir()) == ["LICENCES.txt", "torch-1.0-py3-none-any.whl"]
    assert WORDS in (folder / "LICENCES.txt").read_text()


def test_a_wheel_that_cannot_be_had_and_a_platform_that_is_unknown_are_sentences(dist, monkeypatch, tmp_path):
    for path in deliveries.DOWNLOADS.iterdir():
        path.unlink()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(BuildError, match="Downloading the wheels failed: the package index has no such version"):
        deliveries.wheels_folder(LINUX)
    put_torch(tmp_path)
    with zipfile.ZipFile(tmp_path / "torch-1.0-py3-none-any.whl", "a") as archive:
        archive.writestr("torch/other.py", "")
    with pytest.raises(BuildError, match="a downloaded file is not the one that was pinned"):
        deliveries.wheels_folder(LINUX)
    with pytest.raises(BuildError, match="no wheels for 'amiga': name one of linux-x86_64, macos-arm64, windows-amd64"):
        deliveries.target("amiga", None)
    with pytest.raises(BuildError, match=r"no wheels for Python 2\.7: name one of 3\.11"):
        deliveries.target("linux-x86_64", "2.7")


def test_only_what_blender_has_unpacked_of_this_extension_is_taken(tmp_path):
    unpacked = tmp_path / "extensions" / ".local" / "lib" / "python3.13" / "site-packages"
    (unpacked / "torch").mkdir(parents=True)
    path = [str(tmp_path / "site-packages"), str(unpacked)]
    assert bundled_packages(tmp_path, path) is None, "another extension may have brought a torch"
    (tmp_path / "wheels").mkdir()
    assert bundled_packages(tmp_path, path) == unpacked
    assert bundled_packages(tmp_path, path[:1]) is None


PLAY = """
import os, subprocess
from pathlib import Path

def play(plan):
    bpy.ops.extensions.package_install_files(filepath=plan["zip"], repo="user_default", enable_on_install=False)
    stage.enable()
    part = lambda name: importlib.import_module(f"{stage.EXTENSION}.blender_addon.{name}")
    painter, bundle = part("painter"), part("runtime.bundle")
    settings = part("preferences").settings()
    os.environ.pop("STYLESTRIP_PYTHON")
    python = part("runtime.python").find_python("", painter.user_folder(), {})
    environment = part("runtime.environment").worker_environment(os.environ, bundle.packages_for(python))
    code = "import torch, style_core; print(torch.whose)"
    said = subprocess.run([python, "-c", code], env=environment, capture_output=True, text=True)
    import numpy
    return {
        "state": str(painter.status(settings).state), "own": python == Path(sys.executable), "said": said.stdout,
        "errors": said.stderr, "heavy": "torch" in sys.modules, "numpy": numpy.__file__,
    }
"""


@pytest.mark.blender
def test_a_bundle_needs_no_further_step_in_blender(modules, dist, tmp_path):
    own = {"BLENDER_USER_RESOURCES": str(tmp_path / "resources")}
    (tmp_path / "resources").mkdir()
    file = tmp_path / "play.py"
    scripts = package.ROOT / "tests" / "blender"
    head = f"import importlib, sys\nsys.path.insert(0, {str(scripts)!r})\nimport bpy, stage\n"
    file.write_text(f"{head}{PLAY}\nstage.perform(play)\n", encoding="utf-8")
    told = modules.run(str(file), tmp_path, env=own, zip=str(deliveries.bundle(LINUX)))
    assert (told["state"], told["own"], told["said"]) == ("not checked", True, "bundled\n"), told["errors"]
    assert not told["heavy"]
    assert ".local" not in told["numpy"]


ENABLING = """
def play(plan):
    seen = []
    def note(event, told):
        if event in STARTS + LOOKS:
            seen.append(f"{event} {told[:1]}")
    importlib.import_module("bl_pkg.cli.blender_ext")  # with which Blender itself may check what is installed
    sys.addaudithook(note)
    before = set(sys.modules)
    stage.enable()
    new = set(sys.modules) - before
    later = importlib.import_module(f"{stage.EXTENSION}.blender_addon.later")
    waiting = [name for name, one in vars(later).items() if isinstance(one, later.Later)]
    return {
        "heavy": sorted({name.split(".")[0] for name in new} & HEAVY), "seen": seen, "waiting": len(waiting),
        "not later": [name for name in waiting if getattr(later, name).is_loaded],
        "own": len([name for name in new if name.startswith(stage.EXTENSION)]),
    }

STARTS = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "socket.connect", "socket.getaddrinfo")
LOOKS = ("os.walk", "os.scandir", "glob.glob")  # Python itself, when it imports, lists folders
HEAVY = {"numpy", "torch", "torchvision", "cv2", "av", "ssl", "http", "urllib3", "asyncio", "argparse", "configparser"}
"""
# Each takes about half a millisecond: what is not needed to register something belongs into later.py.
MOST_MODULES = 130


@pytest.mark.blender
def test_to_enable_the_extension_loads_what_it_registers_and_nothing_heavy_and_starts_and_looks_for_nothing(
    modules, tmp_path
):
    told = modules.play(ENABLING, tmp_path)
    assert told["heavy"] == []
    assert told["not later"] == [] and told["waiting"] > 20
    assert 50 < told["own"] <= MOST_MODULES
    # The looks that come along lie in one folder, which is short.
    assert all(one.startswith("os.scandir") and "style_core/presets" in one for one in told["seen"]), told["seen"]
