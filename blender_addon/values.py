"""The values of property groups, given to others of the same kind."""

from collections.abc import Iterator

from bpy.types import PropertyGroup


def copy(source: PropertyGroup, target: PropertyGroup, leave: tuple[str, ...] = ("ticket",)) -> None:
    """Gives `target` all values of `source` but those in `leave`, in the order in which they were declared."""
    for name, kind in values_in(source):
        if name in leave:
            continue
        if kind != "COLLECTION":
            setattr(target, name, getattr(source, name))
            continue
        items = getattr(target, name)
        items.clear()
        for item in getattr(source, name):
            copy(item, items.add())


def values_in(settings: PropertyGroup) -> Iterator[tuple[str, str]]:
    """The names and kinds of the properties of a group."""
    for known in settings.bl_rna.properties:
        if known.identifier != "rna_type" and (known.type == "COLLECTION" or not known.is_readonly):
            yield known.identifier, known.type
