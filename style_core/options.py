"""What the commands share: how options are read, how errors are said, and how a person stops one."""

import argparse
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from .setting import UserError

# Exit codes: it failed; what was asked for cannot be done as asked; the person stopped it.
FAILED, WRONG_INPUT, INTERRUPTED = 1, 2, 130


class OneSentence(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without all options above it."""

    def error(self, message: str) -> NoReturn:
        words = message.removeprefix("argument ")
        self.exit(WRONG_INPUT, f"stylestrip: {words}; '{self.prog} --help' shows what there is.\n")


def code_of(error: UserError) -> int:
    """The exit code of a command that ends with an error."""
    return WRONG_INPUT if error.wrong_input else FAILED


def whole_number(text: str) -> int:
    """A whole number; raises argparse's error if it is none."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number") from None


def number(text: str) -> float:
    """A number; raises argparse's error if it is none."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no number") from None


def add_setting(command: argparse.ArgumentParser, kind: type, name: str, *options: str, **extra: object) -> None:
    """An option, by one name or several, that takes its choices and help from the job's own description; not given, it
    leaves no trace."""
    spec = kind.__dataclass_fields__[name]
    usual = (" ".join(map(str, spec.default)) if isinstance(spec.default, tuple) else str(spec.default)) or "none"
    words = f"{spec.metadata['help']} (default: {usual} {spec.metadata['unit']}".rstrip().replace("%", "%%") + ")"
    plain = {int: whole_number, float: number}.get(type(spec.default), str)
    fitting: dict[str, object] = {"default": argparse.SUPPRESS, "type": plain, "help": words}
    if plain is not str:
        fitting["metavar"] = "NUMBER"
    if spec.metadata["choices"] and "nargs" not in extra:
        fitting["choices"] = spec.metadata["choices"]
    command.add_argument(*options, dest=f"{kind.__name__.lower()}_{name}", **(fitting | extra))


def frames(text: str | None) -> tuple[int, int]:
    """First and last frame of "A-B", "A-" or "A"; raises UserError if it is none of these."""
    if text is None:
        return 1, 0
    first, dash, last = text.partition("-")
    if not first.isdecimal() or (last and not last.isdecimal()) or (last and not int(last)):
        raise UserError(f"--frames is '{text}': write it as A-B, for example 1-48, or 5- for all from 5.")
    return int(first), int(last) if last else 0 if dash else int(first)


def whole_numbers(text: str) -> tuple[int, ...]:
    """Numbers between commas; raises argparse's error if they are none."""
    try:
        return tuple(int(number) for number in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no list of whole numbers such as 1,2,4") from None


def stop_on_request() -> Callable[[], bool]:
    """Tells from now on whether a person has asked for an end; asked twice, the program ends at once."""
    asked: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        if asked:
            sys.exit(INTERRUPTED)
        asked.append(number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return lambda: bool(asked)
