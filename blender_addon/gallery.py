"""The style picture of a strip or a region: one that comes along, a file, or an image of the .blend file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import bpy.utils.previews
from bpy.props import EnumProperty, PointerProperty, StringProperty
from bpy.types import Context, Image, PropertyGroup, Scene, UILayout

from ..style_core.styles import STYLES, find_style
from .host.images import image_file
from .host.strips import absolute
from .properties import NOT_KEYED, RELATIVE

FILE, IMAGE = "FILE", "IMAGE"
# The .blend file keeps the number of what is chosen: 0 is one's own file, and those that come along begin here, in
# their own order.
FIRST_NUMBER = 10
THUMBNAIL, IN_GALLERY = 3.4, 5.0  # sizes of the pictures, in rows of the panel
SHARE = 0.36  # of the panel's width, for the chosen one

# Blender's store of thumbnails, and what the gallery offers, whose words Blender does not keep alive by itself.
thumbnails: Any = None
items: list[tuple[str, str, str, int, int]] = []
watchers: list[Callable[[PropertyGroup], None]] = []
"""Hear whose picture somebody has chosen."""


def gallery(settings: PropertyGroup, context: Context) -> list[tuple[str, str, str, int, int]]:
    """What a person chooses from; one's own pictures are seen there, once they are chosen."""
    own = {FILE: thumbnail_of_file(settings), IMAGE: thumbnail_of_image(settings)} if settings else {}
    return [(key, *words, own.get(key) or icon, number) for key, *words, icon, number in items]


def picture_properties(description: str, usual: str = FILE) -> dict[str, Any]:
    """The Blender properties with which a style picture is chosen; `usual` is the choice that nobody has made."""
    return {
        "style": StringProperty(
            name="Style Picture",
            description=description,
            subtype="FILE_PATH",
            options=RELATIVE,
            update=lambda settings, context: choose(settings, FILE, settings.style),
        ),
        "image": PointerProperty(
            name="Image",
            description="An image of this .blend file whose style is painted; it may be packed",
            type=Image,
            update=lambda settings, context: choose(settings, IMAGE, settings.image),
        ),
        # The last one: where all values are given to others, this one holds whatever the first two have chosen.
        "picture": EnumProperty(
            name="Picture",
            description=description,
            items=gallery,
            default=number_of(usual),
            options=NOT_KEYED,
            update=lambda settings, context: [watcher(settings) for watcher in watchers] and None,
        ),
    }


def choose(settings: PropertyGroup, kind: str, given: object) -> None:
    """Who gives a file or an image wants that one."""
    if given:
        settings.picture = kind


def number_of(key: str) -> int:
    """The number by which a .blend file keeps a choice of the gallery."""
    own = {FILE: 0, IMAGE: 1}
    return own[key] if key in own else FIRST_NUMBER + list(STYLES).index(key)


def draw_picture(layout: UILayout, settings: PropertyGroup, placeholder: str) -> UILayout:
    """The gallery, and beside it where one's own picture is; `placeholder` stands where none is chosen yet.

    Gives the column beside the picture, in which there is room for a line more.
    """
    split = layout.split(factor=SHARE)
    split.use_property_split = False
    split.column().template_icon_view(settings, "picture", show_labels=True, scale=THUMBNAIL, scale_popup=IN_GALLERY)
    column = split.column()
    column.prop(settings, "picture", text="")
    if settings.picture == FILE:
        column.prop(settings, "style", text="", placeholder=placeholder)
    elif settings.picture == IMAGE:
        column.template_ID(settings, "image", open="image.open")
    return column


def thumbnail_of_image(settings: PropertyGroup) -> int:
    """The icon of the image that is chosen; 0 if there is none."""
    return settings.image.preview_ensure().icon_id if settings.image else 0


def thumbnail_of_file(settings: PropertyGroup) -> int:
    """The icon of the file that is chosen; 0 if there is none."""
    path = absolute(settings.style, settings.id_data) if settings.style else ""
    if not path or not Path(path).is_file():
        return 0
    if path not in thumbnails:
        thumbnails.load(path, path, "IMAGE")
    return thumbnails[path].icon_id


def style_files(settings: PropertyGroup, scene: Scene, cache: Path) -> tuple[str, ...]:
    """The file of the style picture that is chosen; none if none is.

    Args:
        settings: has the properties of `picture_properties`.
        scene: that of the strip.
        cache: the cache folder, to which an image is written whose pixels are in the .blend file alone.

    Raises:
        UserError: there is no picture of that name, or the image cannot be used.
    """
    if settings.picture == FILE:
        return (named_file(settings.style, scene),) if settings.style else ()
    if settings.picture == IMAGE:
        return (image_file(settings.image, cache),) if settings.image else ()
    return (str(STYLES[settings.picture].file),)


def named_file(name_or_file: str, scene: Scene) -> str:
    """The file of a style picture that is given by its path or by the name of one that comes along.

    Raises UserError if there is no picture of that name.
    """
    return absolute(find_style(bpy.path.abspath(name_or_file, library=scene.library)), scene)


def register() -> None:
    """Loads the thumbnails; before the classes that have these properties."""
    global thumbnails
    thumbnails = bpy.utils.previews.new()
    icons = UILayout.bl_rna.functions["prop"].parameters["icon"].enum_items
    for number, style in enumerate(STYLES.values(), FIRST_NUMBER):
        icon = thumbnails.load(style.key, str(style.file), "IMAGE").icon_id
        items.append((style.key, style.name, style.about, icon, number))
    items.append((FILE, "Own Picture", "A picture file of yours", icons["FILE_FOLDER"].value, number_of(FILE)))
    loaded = "An image that is loaded in this .blend file; it may be packed"
    items.append((IMAGE, "Loaded Image", loaded, icons["IMAGE_DATA"].value, number_of(IMAGE)))


def unregister() -> None:
    bpy.utils.previews.remove(thumbnails)
    items.clear()
