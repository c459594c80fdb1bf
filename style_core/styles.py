"""The style pictures that come along, and how one is named: by its file, or by its name.

They are painted by build_steps/style_pictures, and free for everybody to use.
"""

from pathlib import Path
from typing import NamedTuple

from .setting import UserError

FOLDER = Path(__file__).parent / "style_pictures"
# So many letters of a name are enough if no other begins with them.
FEWEST_LETTERS = 3


class StylePicture(NamedTuple):
    """A picture that comes along."""

    key: str
    """The word that chooses it on the command line: the file's name without its ending."""
    name: str
    about: str

    @property
    def file(self) -> Path:
        """A JPEG file, 512 by 512 pixels."""
        return FOLDER / f"{self.key}.jpg"


# New ones come last: Blender keeps the place of the chosen one in the .blend file.
STYLES = {
    style.key: style
    for style in (
        StylePicture("ink-wash", "Ink Wash", "Washes and quick strokes of black ink, with a touch of red."),
        StylePicture("oil-swirl", "Oil Swirl", "Thick oil paint that swirls, deep blue and glowing yellow."),
        StylePicture("mosaic", "Mosaic", "Small stones in rows: blue, sea green, red and gold."),
        StylePicture("crosshatch", "Crosshatch", "Hatching with a pen in brown ink, white and red chalk."),
        StylePicture("watercolour", "Watercolour", "Transparent washes that run into each other, on white paper."),
        StylePicture("woodcut", "Woodcut", "Carved black lines and flat ochre, red and blue."),
        StylePicture("pastel", "Pastel", "Soft broken strokes of pink, violet, green and blue chalk."),
        StylePicture("pixel", "Pixel", "Squares in a few strong colours of an evening."),
    )
}


def find_style(name_or_file: str, folder: Path = Path()) -> str:
    """The file of a style picture that is named by its path, beside `folder` if that is relative, or by its name.

    A file goes before a picture of that name. A name may be written large or small, with spaces, and shortened where
    no other begins so. What looks like a path is left as it is, whether it exists or not. Raises UserError if there is
    no picture of that name, or several.
    """
    path = folder / name_or_file
    if path.is_file():
        return str(path)
    word = "-".join(name_or_file.lower().replace("_", " ").replace("color", "colour").split())
    begun = [key for key in STYLES if len(word) >= FEWEST_LETTERS and key.startswith(word)]
    if word in STYLES or len(begun) == 1:
        return str(STYLES[word if word in STYLES else begun[0]].file)
    if begun:
        raise UserError(f"The style picture '{name_or_file}' may be {' or '.join(begun)}: write more of its name.")
    if path.exists() or path.suffix or path.name != name_or_file:
        return str(path)
    raise UserError(
        f"There is no style picture '{name_or_file}': name a picture file, or one that comes along: "
        f"{', '.join(STYLES)}."
    )
