"""The steps behind build.py: environments, weights, package, tests, demo. None of this goes into the extension."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOWNLOADS = ROOT / ".envs" / "downloads"


class BuildError(Exception):
    """Something that a person can put right: one sentence that says what failed, with the value, and what to do."""
