"""What the code says, as Markdown."""

from collections.abc import Collection, Sequence
from typing import Any

# What Blender's own words for kinds of values are called.
KINDS = {"STRING": "text", "POINTER": "chosen from the file", "COLLECTION": "list"}
# From this bound on a number has no limit that anybody meets.
UNLIMITED = 1e9


def code(text: str) -> str:
    """What is typed as it stands."""
    return f"`{text}`"


def heading(level: int, text: str) -> str:
    """A heading between empty lines."""
    return f"\n{'#' * level} {text}\n"


def shown(text: str) -> str:
    """A text in which Markdown finds nothing of its own."""
    for sign in "\\*_[]`|":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.replace("<", "&lt;").replace(">", "&gt;").split())


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; what is in its cells is Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |" for line in lines) + "\n"


def settings_table(settings: Sequence[dict[str, Any]], keyed: Collection[str]) -> str:
    """A table of properties of Blender; `keyed` names those that may have keys."""
    rows = []
    for one in settings:
        text = sentence(one["text"]) + (" May have keys." if one["name"] in keyed else "")
        rows.append([f"**{one['label']}**", "<br>".join([text, *choices(one)]), values(one), code(one["name"])])
    return table(["Setting", "What it does", "Usual, and range", "In scripts"], rows)


def choices(one: dict[str, Any]) -> list[str]:
    """What may be chosen, a line each."""
    return [
        f"• *{shown(name)}* ({code(key)})" + (f": {lower(shown(text)).rstrip('.')}" if text else "")
        for key, name, text in one.get("choices") or ()
    ]


def values(one: dict[str, Any]) -> str:
    """What a property is if nobody has changed it, and what it may be."""
    usual, kind = default(one), one["kind"]
    if kind in ("INT", "FLOAT"):
        unit = f" {one['unit']}" if one["unit"] else ""
        low, high, slider = one["low"], one["high"], one["usual"][1]
        if slider < high and slider < UNLIMITED:
            return f"{usual}{unit}; {low:g} to {slider:g}, and more where it is typed"
        if high < UNLIMITED:
            return f"{usual}{unit}; {low:g} to {high:g}"
        return f"{usual}{unit}; from {low:g}" if low > -UNLIMITED else f"{usual}{unit}"
    if kind == "ENUM":
        return usual or "chosen in a list"
    return f"{usual}" if kind == "BOOLEAN" else f"{usual}; {KINDS[kind]}" if usual else KINDS[kind]


def lower(text: str) -> str:
    """A text that goes on a sentence, if it begins with an ordinary word."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    """A text as a sentence; nothing stays nothing."""
    return shown(text[:1].upper() + text[1:]).rstrip(".") + "." if text else ""


def default(one: dict[str, Any]) -> str:
    """What a property is if nobody has changed it."""
    value = one.get("default")
    if value is None or value == "":
        return ""
    if one["kind"] == "ENUM":
        return next((shown(name) for key, name, _ in one["choices"] if key == value), code(str(value)))
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.6g}" if isinstance(value, (int, float)) else code(str(value))


def options_table(options: Sequence[dict[str, Any]]) -> str:
    """A table of options of a command."""
    rows = []
    for one in options:
        names = ", ".join(code(name) for name in one["names"])
        takes = f" {code(one['takes'])}" if one["takes"] and not one["choices"] else ""
        among = ": " + ", ".join(map(code, one["choices"])) if one["choices"] else ""
        needed = " Needed." if one["is_required"] else ""
        rows.append([names + takes + among, sentence(one["text"]) + needed])
    return table(["Option", "What it does"], rows)
