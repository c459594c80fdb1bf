#!/usr/bin/env python3
"""One door for people: python3 build.py demo, test, package, weights, docs and more. Needs Python 3.11, no more."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python gets a sentence here
    sys.exit(f"build.py needs Python 3.11 or newer, this is {sys.version.split()[0]}: run it with a newer one.")

from build_steps import (
    BuildError,
    blender,
    deliveries,
    demo,
    docs,
    environments,
    lock,
    package,
    people_weights,
    pictures,
    suite,
    templates,
    weights,
)


def main(arguments: Sequence[str]) -> int:
    """Runs the command that `arguments` name; the exit code."""
    own, pytest_arguments = split(arguments)
    options = parser().parse_args(own)
    if pytest_arguments and options.command != "test":
        parser().error(f"only 'test' takes arguments after --, not '{options.command}'")
    signal.signal(signal.SIGTERM, stop)
    try:
        perform(options, pytest_arguments)
    except BuildError as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        where = f" at '{error.filename}'" if error.filename else ""
        print(f"Error: {error.strerror or error}{where}: check the disk and the path, and try again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def stop(*_: object) -> None:
    """Ends as Ctrl+C does, so that what we have started ends, too."""
    raise KeyboardInterrupt


def perform(options: argparse.Namespace, pytest_arguments: Sequence[str]) -> None:
    """The steps of one command. Raises BuildError when one fails."""
    match options.command:
        case "setup":
            environments.ensure_all()
        case "weights":
            make_weights()
        case "lock":
            lock.make_lock()
        case "package" if options.wheels:
            deliveries.wheels_folder(deliveries.target(options.platform, options.python))
        case "package" if options.bundled:
            make_weights()
            deliveries.bundle(deliveries.target(options.platform, options.python), named_blender(options))
        case "package":
            package.package(named_blender(options))
        case "test":
            suite.run_tests(pytest_arguments, everything=options.all)
        case "demo":
            demo.run_demo(options.blender, options.clip, options.style)
        case "docs" if options.pictures:
            pictures.make_pictures(options.blender, options.data, options.names)
        case "docs" if options.names:
            parser().error(
                f"the name of a picture, {options.names[0]}, says which of --pictures to make: give that too"
            )
        case "docs":
            docs.build_pages(options.blender)
        case "templates":
            templates.make_templates(options.blender)


def named_blender(options: argparse.Namespace) -> blender.Blender | None:
    """The Blender that --blender names; BuildError if it is none."""
    return blender.program(options.blender, "--blender") if options.blender else None


def make_weights() -> None:
    """The weights of all networks that go into a zip."""
    weights.make_weights()
    people_weights.make_people_weights()


def parser() -> argparse.ArgumentParser:
    """The commands and what they take."""
    top = argparse.ArgumentParser(prog="build.py", description="Builds, tests and shows Stylestrip.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("setup", help="make the environments in .envs/")
    commands.add_parser("weights", help="get the weights of the networks")
    commands.add_parser("lock", help="pin the wheels of the runtime anew, from the package index as it is now")
    zipped = commands.add_parser("package", help="make the extension zip in dist/")
    kinds = zipped.add_mutually_exclusive_group()
    kinds.add_argument("--wheels", action="store_true", help="make a folder of all that Install would download instead")
    kinds.add_argument("--bundled", action="store_true", help="make a zip with the painter inside instead: gigabytes")
    zipped.add_argument("--platform", help=f"of the wheels: {', '.join(lock.TAGS)} (default: this machine's)")
    zipped.add_argument("--python", help=f"of the wheels: {', '.join(lock.PYTHONS)} (default: that of Blender 5.2)")
    zipped.add_argument("--blender", metavar="PATH", help="the Blender program that checks the zip (else a bpy module "
                        "in .envs/, $BLENDER, blender, or a bpy module that is installed for that)")  # fmt: skip
    test = commands.add_parser("test", help="run the test suite; pytest's own arguments follow after --")
    test.add_argument("--all", action="store_true", help="slow tests too")
    show = commands.add_parser("demo", help="paint a clip in Blender, into demo/")
    show.add_argument("--blender", metavar="PATH", help="the Blender program to use (else $BLENDER, blender, bpy)")
    show.add_argument("--clip", type=Path, metavar="FILE", help="your own film instead of Big Buck Bunny")
    show.add_argument("--style", type=Path, metavar="FILE", help="your own picture instead of the generated one")
    pages = commands.add_parser("docs", help="make the pages of the documentation, into dist/docs/")
    pages.add_argument("--pictures", action="store_true", help="make their pictures in docs/pictures/ anew instead")
    pages.add_argument("names", nargs="*", metavar="NAME", help="of --pictures, such as first-use; none: all")
    pages.add_argument("--blender", metavar="PATH", help="the Blender program to use (else $BLENDER, blender, bpy)")
    pages.add_argument("--data", type=Path, metavar="FOLDER", help="has films and paintings (else $STYLESTRIP_DATA)")
    examples = commands.add_parser(
        "templates", help="make a demo timeline and a script for a batch, in dist/templates/"
    )
    examples.add_argument("--blender", metavar="PATH", help="the Blender to make them with (default: the oldest)")
    return top


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """What stands before and after the first --."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return list(arguments[:at]), list(arguments[at + 1 :])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
