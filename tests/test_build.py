"""build.py: what it makes is the same every time, and what goes wrong is said in a sentence."""

import hashlib
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from build_steps import ROOT, BuildError, blender, environments, package, people_weights, pip, weights
from build_steps.contact_sheet import why_not_painted
from build_steps.environments import Environment, NoPythonError
from style_core.file_lock import lock

# --- the zip ---


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    """An extension of a few small files among much that is no part of it."""
    names = ("__init__.py", "blender_manifest.toml", "LICENSE", "README.md", "pyproject.toml", "build.py")
    inner = ("blender_addon/__init__.py", "style_core/engine/a.py", "style_core/weights/vgg19.safetensors")
    strange = ("style_core/__pycache__/a.pyc", "style_core/a.py.orig", "style_core/.hidden.py", "tests/test_a.py",
               "style_core/weights/other.safetensors", "docs/a.md", "benchmarks/b.py", "build_steps/c.py")  # fmt: skip
    for name in (*names, *inner, *strange):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return tmp_path / "tree"


def test_the_zip_is_the_same_bytes_when_built_again_later(small_tree: Path, tmp_path: Path) -> None:
    package.write_zip(tmp_path / "a.zip", small_tree)
    for path in small_tree.rglob("*.py"):
        os.utime(path, (1, 1_900_000_000))
        path.chmod(0o755)
    package.write_zip(tmp_path / "b.zip", small_tree)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_zip_has_what_belongs_and_nothing_else(small_tree: Path) -> None:
    assert list(package.members(small_tree)) == [
        "LICENSE", "README.md", "__init__.py", "blender_addon/__init__.py", "blender_manifest.toml", "pyproject.toml",
        "style_core/engine/a.py", "style_core/weights/vgg19.safetensors",
    ]  # fmt: skip


def test_the_real_zip_has_the_weights_whole_and_no_tests() -> None:
    with zipfile.ZipFile(real_zip()) as archive:
        names = archive.namelist()
        assert hashlib.sha256(archive.read("style_core/weights/vgg19.safetensors")).hexdigest() == weights.SHA256
        assert b"MIT License" in archive.read("style_core/weights/LICENSE")
        for name, (_, digest) in people_weights.MEMBERS.items():
            assert hashlib.sha256(archive.read(f"style_core/weights/people/{name}")).hexdigest() == digest
    tops = {name.partition("/")[0] for name in names}
    allowed = {"LICENSE", "README.md", "__init__.py", "blender_manifest.toml", "pyproject.toml"}
    assert tops - allowed == {"blender_addon", "style_core"}


def test_blender_finds_the_real_zip_valid(capsys: pytest.CaptureFixture[str]) -> None:
    package.validate(real_zip())
    assert "found valid" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script")
def test_the_blender_that_is_named_validates_the_zip_and_no_other_is_wanted(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(package, "validator", lambda: pytest.fail("another one was looked for"))
    named = tmp_path / "blender"
    named.write_text('#!/bin/sh\necho \'Blender 5.2.0 LTS\'\necho "$@" >> "$0.asked"\n')
    named.chmod(0o755)
    package.validate(tmp_path / "a.zip", blender.program(str(named), "--blender"))
    assert f"--command extension validate {tmp_path / 'a.zip'}" in Path(f"{named}.asked").read_text()
    assert "found valid by Blender 5.2.0" in capsys.readouterr().out


def test_where_nothing_can_validate_the_zip_it_is_left_and_that_is_said(tmp_path, monkeypatch, capsys) -> None:
    def no_python(environment: Environment) -> Path:
        raise NoPythonError("There is none.")

    monkeypatch.setattr(package, "scripts_of", lambda folder: [])
    monkeypatch.setattr(package, "ensure", no_python)
    monkeypatch.delenv("BLENDER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    package.validate(tmp_path / "a.zip")
    assert "not checked" in capsys.readouterr().out


def test_blender_refuses_a_zip_with_a_wrong_manifest(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "wrong.zip", "w") as archive:
        archive.writestr("__init__.py", "")
        archive.writestr("blender_manifest.toml", 'schema_version = "1.0.0"\nid = "wrong"\n')
    with pytest.raises(BuildError, match=r"Blender refuses '.*wrong\.zip'"):
        package.validate(tmp_path / "wrong.zip")


def test_a_missing_part_of_the_extension_is_named(small_tree: Path, tmp_path: Path) -> None:
    (small_tree / "LICENSE").unlink()
    with pytest.raises(BuildError, match="LICENSE' is missing"):
        package.write_zip(tmp_path / "a.zip", small_tree)
    assert not list(tmp_path.glob("a.*"))


def real_zip() -> Path:
    """The zip that build.py test has made, or one made now."""
    given = os.environ.get("STYLESTRIP_ZIP")
    return Path(given) if given else package.package()


# --- downloads ---


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that pip takes instead of an index: tinything 1.0 and 2.0."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        put_wheel(folder, version)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def put_wheel(folder: Path, version: str) -> Path:
    """A wheel with one module."""
    path, info = folder / f"tinything-{version}-py3-none-any.whl", f"tinything-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tinything.py", f"version = '{version}'\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tinything\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def tiny(sha256: str) -> pip.Wheel:
    return pip.Wheel("tinything==1.0", sha256, "tinything-1.0-py3-none-any.whl")


def test_a_wheel_with_the_pinned_hash_is_fetched_once(shelf: Path, tmp_path: Path) -> None:
    wheel = tiny(pip.sha256_of(shelf / "tinything-1.0-py3-none-any.whl"))
    path = pip.fetch(Path(sys.executable), wheel, tmp_path / "got")
    assert b"1.0" in pip.read_member(path, "tinything.py")
    for kept in shelf.iterdir():
        kept.unlink()
    assert pip.fetch(Path(sys.executable), wheel, tmp_path / "got") == path


def test_a_wheel_with_another_hash_is_refused(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="not the one that was pinned") as caught:
        pip.fetch(Path(sys.executable), tiny("0" * 64), tmp_path / "got")
    assert sentence(caught).startswith("Downloading tinything==1.0 failed")
    assert not list((tmp_path / "got").glob("*.whl"))


def test_no_network_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CONFIG_FILE": os.devnull, "FIND_LINKS": "", "RETRIES": "1", "NO_INDEX": "0"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(BuildError, match="cannot be reached") as caught:
        pip.fetch(Path(sys.executable), tiny("0" * 64), tmp_path / "got")
    assert "Check the network" in sentence(caught)


def test_a_full_disk_is_told_from_other_failures() -> None:
    said = ["Collecting torch", "ERROR: [Errno 28] No space left on device"]
    assert pip.explain("Installing", 1, said).startswith("Installing failed: the disk is full. Free about 8 GB")
    assert pip.explain("Installing", 3, ["odd"]) == (
        "Installing failed: pip ended with code 3. What it said last is below.\n  pip: odd"
    )


def sentence(caught: pytest.ExceptionInfo[BuildError]) -> str:
    """The first line of an error."""
    return str(caught.value).splitlines()[0]


# --- environments ---


@pytest.fixture
def small(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment of one tiny package, in a checkout of its own."""
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    pin(tmp_path, "1.0")
    return Environment("small", ("small",))


def pin(root: Path, version: str) -> None:
    (root / "pyproject.toml").write_text(f'[dependency-groups]\nsmall = ["tinything=={version}"]\n')


def version_in(environment: Environment) -> str:
    """The version that the environment's Python sees."""
    code = "import tinything; print(tinything.version)"
    return subprocess.run([environment.python, "-c", code], capture_output=True, text=True).stdout.strip()


def test_an_environment_is_made_once_adopted_and_brought_up_to_date(
    small: Environment, shelf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environments.ensure(small)
    assert version_in(small) == "1.0"
    capsys.readouterr()
    environments.ensure(small)
    assert capsys.readouterr().out == "Environment small: ready.\n"
    (small.folder / environments.STAMP).unlink()
    environments.ensure(small)
    assert "found with everything in it" in capsys.readouterr().out
    pin(tmp_path, "2.0")
    environments.ensure(small)
    assert version_in(small) == "2.0"


@pytest.mark.slow
def test_two_builds_make_an_environment_one_after_the_other(
    small: Environment, shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small.folder.parent.mkdir()
    with small.folder.with_name(".small.lock").open("ab") as other, ThreadPoolExecutor() as threads:
        lock(other.fileno())
        second = threads.submit(environments.ensure, small)
        said = ""
        while "another build.py is making it" not in said:
            said += capsys.readouterr().out
        assert not small.folder.exists()
        other.close()
        second.result()
    assert version_in(small) == "1.0"


@pytest.mark.slow
def test_an_interrupted_setup_is_begun_again(
    small: Environment, shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = (shelf / "tinything-1.0-py3-none-any.whl").rename(shelf / "away")
    with pytest.raises(BuildError, match="no such version"):
        environments.ensure(small)
    leavings = small.folder / "half-written"
    leavings.touch()
    away.rename(shelf / "tinything-1.0-py3-none-any.whl")
    environments.ensure(small)
    assert "was interrupted" in capsys.readouterr().out
    assert version_in(small) == "1.0"
    assert not leavings.exists()


def test_a_missing_python_is_named() -> None:
    with pytest.raises(NoPythonError, match=r"No Python 3\.99 .* was found: install it"):
        environments.find_python((3, 99))


def test_the_running_python_is_taken_where_any_will_do() -> None:
    assert environments.find_python(None) == Path(sys.executable)


# --- the weights ---


@pytest.fixture
def weights_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another place for the weights."""
    folder = tmp_path / "weights"
    monkeypatch.setattr(weights, "ROOT", tmp_path)
    monkeypatch.setattr(weights, "FOLDER", folder)
    monkeypatch.setattr(weights, "FILE", folder / "vgg19.safetensors")
    return folder


def test_damaged_weights_are_made_anew_and_the_same(weights_folder: Path) -> None:
    weights_folder.mkdir()
    (weights_folder / "vgg19.safetensors").write_bytes(b"truncated")
    path = weights.make_weights()
    assert pip.sha256_of(path) == weights.SHA256
    assert sorted(found.name for found in weights_folder.iterdir()) == ["LICENSE", "vgg19.safetensors"]


def test_weights_that_come_out_different_are_not_kept(weights_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "SHA256", "0" * 64)
    with pytest.raises(BuildError, match=r"have the sha256 [0-9a-f]{64} instead of 0{64}"):
        weights.make_weights()
    assert not list(weights_folder.iterdir())


# --- the command line ---


def build(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """build.py as a person runs it."""
    command = [sys.executable, ROOT / "build.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--blender", "/no/blender"], "The Blender '/no/blender', named by --blender, does not exist"),
        (["--blender", sys.executable], "does not answer as Blender does"),
        (["--clip", "no.mp4"], "The clip 'no.mp4' does not exist"),
        (["--style", "no.png"], "The style picture 'no.png' does not exist"),
    ],
)
def test_a_demo_that_cannot_be_is_refused_in_one_sentence(arguments: list[str], words: str) -> None:
    done = build("demo", *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script")
def test_an_old_blender_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "blender"
    old.write_text("#!/bin/sh\necho 'Blender 4.2.9 LTS'\n")
    old.chmod(0o755)
    done = build("demo", BLENDER=str(old))
    assert done.returncode == 1
    assert "is Blender 4.2.9, and Stylestrip needs 4.5 or newer" in done.stderr


def test_arguments_after_dashes_are_for_tests_alone() -> None:
    assert build("package", "--", "-x").returncode == 2


# --- the demo's own judgement ---


def test_a_blank_frame_and_a_copy_are_told_from_a_painting() -> None:
    random = np.random.default_rng(0)
    source, painted = random.integers(0, 256, (2, 90, 160, 3), dtype=np.uint8)
    assert "blank" in why_not_painted(3, source, np.full_like(source, 127))
    assert "copy" in why_not_painted(3, source, np.clip(source.astype(int) + 2, 0, 255).astype(np.uint8))
    assert why_not_painted(3, source, painted) == ""
