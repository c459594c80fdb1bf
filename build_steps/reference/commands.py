"""Command lines as data: what argparse knows about a command and its options. Needs the standard library alone."""

import argparse
from typing import Any


def described(parser: argparse.ArgumentParser) -> dict[str, Any]:
    """A command: what it is for, and its options with their words, as `--help` shows them."""
    formatter = parser.formatter_class(prog=parser.prog)
    shown = [action for action in parser._actions if not isinstance(action, (argparse._HelpAction, Sub))]
    return {"about": parser.description or "", "options": [option(action, formatter) for action in shown]}


def option(action: argparse.Action, formatter: argparse.HelpFormatter) -> dict[str, Any]:
    """One option: its names, what follows them, what may stand there, and what it does."""
    what = (
        "" if action.nargs == 0 else formatter._format_args(action, formatter._get_default_metavar_for_optional(action))
    )
    return {
        "names": list(action.option_strings) or [what],
        "takes": what if action.option_strings else "",
        "choices": list(map(str, action.choices or ())),
        "text": formatter._expand_help(action) if action.help else "",
        "is_required": bool(action.required and action.option_strings),
    }


def subcommands(parser: argparse.ArgumentParser) -> dict[str, dict[str, Any]]:
    """The commands of a parser by name, each with the line that the list of commands has about it."""
    (sub,) = (action for action in parser._actions if isinstance(action, Sub))
    about = {choice.dest: choice.help for choice in sub._choices_actions}
    return {name: described(one) | {"about": about[name]} for name, one in sub.choices.items()}


Sub = argparse._SubParsersAction
