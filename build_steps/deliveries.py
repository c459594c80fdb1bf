"""The extension for machines without a network: a folder of all wheels beside it, or a zip with all wheels inside."""

import hashlib
import json
import platform
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from . import DOWNLOADS, ROOT, BuildError
from .blender import Blender
from .console import say
from .environments import RUNTIME, ensure
from .lock import FILE, PYTHONS, TAGS
from .package import MANIFEST, Extra, name_and_version, validate, write_zip
from .pip import pip, sha256_of

# As Blender's manifest calls the platforms of the lock.
BLENDER_PLATFORMS = {"linux-x86_64": "linux-x64", "macos-arm64": "macos-arm64", "windows-amd64": "windows-x64"}
HERE = {("Linux", "x86_64"): "linux-x86_64", ("Darwin", "arm64"): "macos-arm64", ("Windows", "AMD64"): "windows-amd64"}
USUAL_PYTHON = "3.13"  # of Blender 5.2
LICENCE_FILE = "LICENCES.txt"
LICENCE_WORDS = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "EULA")
# The extension's own folder of wheels; that it is there tells that the painter comes along.
WHEELS = "wheels"
# Blender has it, or it is only needed to install.
NOT_BUNDLED = ("pip",)


@dataclass(frozen=True)
class Target:
    """One platform and Python, as the lock names them."""

    platform: str
    python: str

    @property
    def name(self) -> str:
        """As in names of files."""
        return f"{self.platform}-python{self.python}"


def target(named: str | None, python: str | None) -> Target:
    """The target that is asked for, by default this machine and the Python of Blender 5.2; BuildError if unknown."""
    found = named or HERE.get((platform.system(), platform.machine()), "")
    if found not in TAGS:
        raise BuildError(f"There are no wheels for '{found or platform.machine()}': name one of {', '.join(TAGS)}.")
    if (python or USUAL_PYTHON) not in PYTHONS:
        raise BuildError(f"There are no wheels for Python {python}: name one of {', '.join(PYTHONS)}.")
    return Target(found, python or USUAL_PYTHON)


def locked(wanted: Target) -> dict[str, dict]:
    """The wheels of a target by their files."""
    lock = json.loads(FILE.read_text(encoding="utf-8"))
    return {file: lock["wheels"][file] for file in lock["targets"][f"{wanted.platform} {wanted.python}"]}


def wheels_folder(wanted: Target) -> Path:
    """dist/NAME-wheels-TARGET: all wheels, for *Folder of Wheels* in the preferences or setup --wheels."""
    wheels, folder = locked(wanted), ROOT / "dist" / f"{name_and_version()}-wheels-{wanted.name}"
    say(f"Wheels: {len(wheels)} files, {size_of(wheels) / 1e6:,.0f} MB, for {wanted.name} ...")
    folder.mkdir(parents=True, exist_ok=True)
    for file, path in fetch(wheels, wanted).items():
        link_or_copy(path, folder / file)
    for stray in set(folder.glob("*.whl")) - {folder / file for file in wheels}:
        stray.unlink()
    (folder / LICENCE_FILE).write_text(licences(wheels, folder), encoding="utf-8")
    say(f"Wheels: {folder.relative_to(ROOT)}, {size_of(wheels):,} bytes; name it under Folder of Wheels in the "
        "preferences, or with setup --wheels")  # fmt: skip
    return folder


def bundle(wanted: Target, blender: Blender | None = None) -> Path:
    """dist/NAME-bundled-TARGET.zip: one zip after whose installation nothing more is needed; validated by a Blender."""
    wheels = {file: wheel for file, wheel in locked(wanted).items() if wheel["name"] not in NOT_BUNDLED}
    path = ROOT / "dist" / f"{name_and_version()}-bundled-{wanted.name}.zip"
    say(f"Bundle: {len(wheels)} wheels, {size_of(wheels) / 1e6:,.0f} MB, for {wanted.name} ...")
    files = fetch(wheels, wanted)
    extras = [Extra(f"{WHEELS}/{file}", place) for file, place in sorted(files.items())]
    extras.append(Extra(LICENCE_FILE, text=licences(wheels, DOWNLOADS)))
    write_zip(path, ROOT, [*extras, Extra(MANIFEST, text=manifest(wanted, sorted(files)))])
    validate(path, blender)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    installed = sum(wheel["installed"] for wheel in wheels.values())
    size = f"{path.stat().st_size:,} bytes, {installed / 1e9:.1f} GB more when Blender has unpacked it"
    say(f"Bundle: {path.relative_to(ROOT)}, {size}, sha256 {digest}")
    return path


def manifest(wanted: Target, files: list[str]) -> str:
    """The manifest of a bundle: for one platform, with its wheels."""
    rows = "".join(f'    "./{WHEELS}/{file}",\n' for file in files)
    own = f'platforms = ["{BLENDER_PLATFORMS[wanted.platform]}"]\nwheels = [\n{rows}]\n\n[permissions]'
    text = (ROOT / MANIFEST).read_text(encoding="utf-8")
    if text.count("[permissions]") != 1:
        raise BuildError(f"'{MANIFEST}' has no [permissions], before which its wheels are listed: get it back.")
    return text.replace("[permissions]", own).partition("# build.py package writes the zip")[0].rstrip() + "\n"


def size_of(wheels: dict[str, dict]) -> int:
    """Bytes of all wheels."""
    return sum(wheel["size"] for wheel in wheels.values())


def fetch(wheels: dict[str, dict], wanted: Target) -> dict[str, Path]:
    """Each wheel in the folder of downloads, brought by pip, hashes checked; BuildError if one cannot be had."""
    paths = {file: DOWNLOADS / file for file in wheels}
    lacking = [file for file, path in paths.items() if not path.is_file() or sha256_of(path) != wheels[file]["sha256"]]
    if lacking:
        say(f"Downloading {len(lacking)} wheels, {sum(wheels[file]['size'] for file in lacking) / 1e6:,.0f} MB ...")
        DOWNLOADS.mkdir(parents=True, exist_ok=True)
        for file in lacking:
            paths[file].unlink(missing_ok=True)
        pins = DOWNLOADS / f"{wanted.name}.txt"
        named = [(wheels[file]["name"], wheels[file]["version"], wheels[file]["sha256"]) for file in lacking]
        lines = [f"{name}=={version} --hash=sha256:{digest}\n" for name, version, digest in named]
        pins.write_text("".join(lines), encoding="utf-8")
        tags = [word for tag in TAGS[wanted.platform] for word in ("--platform", tag)]
        which = ["--python-version", wanted.python, "--implementation", "cp", "--only-binary", ":all:", *tags]
        arguments = ["download", "--no-deps", "--require-hashes", *which, "-r", str(pins), "-d", str(DOWNLOADS)]
        pip(ensure(RUNTIME), arguments, "Downloading the wheels")
    for file, path in paths.items():
        if not path.is_file():
            raise BuildError(f"pip did not bring '{file}' into '{DOWNLOADS}': empty that folder and try again.")
    return paths


def link_or_copy(source: Path, place: Path) -> None:
    """A file at another place too; without a second copy where the disk can do that."""
    place.unlink(missing_ok=True)
    try:
        place.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, place)


def licences(wheels: dict[str, dict], folder: Path) -> str:
    """Each part with its licence, and the words of all licences as the wheels hold them."""
    parts = sorted((wheel["name"], wheel["version"], wheel["licence"], file) for file, wheel in wheels.items())
    rows = [f"{name} {version}: {licence}" for name, version, licence, _ in parts]
    texts = []
    for name, version, _, file in parts:
        with zipfile.ZipFile(folder / file) as archive:
            for member in sorted(archive.namelist()):
                place, _, last = member.rpartition("/")
                if ".dist-info" in place and last.upper().startswith(LICENCE_WORDS):
                    words = archive.read(member).decode("utf-8", "replace").strip()
                    texts.append(f"{'=' * 100}\n{name} {version}: {last}\n{'=' * 100}\n{words}")
    head = "Stylestrip itself is under the GNU General Public License, version 3 or later (LICENSE). What comes along:"
    return "\n".join([head, "", *rows, "", *texts]) + "\n"
