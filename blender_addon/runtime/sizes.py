"""Sizes of files for a person."""

MEGABYTE, GIGABYTE = 1e6, 1e9


def in_megabytes(size: float) -> str:
    """A size in words: 940 MB, 2.9 GB."""
    return f"{size / GIGABYTE:.1f} GB" if size >= GIGABYTE else f"{size / MEGABYTE:.0f} MB"
