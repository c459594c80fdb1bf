"""What a Neural Style node is set to and what it shows: kept with the node group inside it, and so with its copies."""

import json
from pathlib import Path

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, PointerProperty, StringProperty
from bpy.types import CompositorNodeTree, PropertyGroup

from ...style_core.job import frame_name
from ..gallery import FILE, IMAGE
from ..host.images import stamp_of_image
from ..host.strips import absolute, stamp_of
from ..job_fields import JOB_FIELDS, PEOPLE_FIELDS, REGION_FIELDS, RENDERED_FIELDS
from ..properties import NOT_KEYED, values_of
from ..regions.settings import OF_SCENES, StylestripRegion
from ..sentence import frames_are
from ..settings import StylestripSettings
from .changing import changes_of

HIDDEN = {"HIDDEN"}
# What changes no pixel of a frame that is painted.
NOT_SEEN = ("device",)
STOP, SOURCE, NOW = "STOP", "SOURCE", "NOW"
CACHE, LIVE = "CACHE", "LIVE"


def on_change(own: "StylestripNode", context: bpy.types.Context) -> None:
    """A person has chosen where frames come from."""
    from .live_place import arrange, take_over

    if not own.is_live:
        take_over(own.id_data)
    arrange(own.id_data)


class StylestripNode(PropertyGroup):
    """The settings of one node, and which painted frames it shows."""

    __annotations__ = {
        "settings": PointerProperty(type=StylestripSettings),
        "exact_motion": BoolProperty(
            name="Motion of the Scene",
            description="Where the image comes from Render Layers, take the motion that Blender knows (the Vector pass)"
            " instead of looking for it in the frames. Without motion blur only",
            default=True,
            options=NOT_KEYED,
        ),
        "mode": EnumProperty(
            name="Mode",
            description="When frames are painted",
            items=[
                (
                    CACHE,
                    "Cache",
                    "Bake paints all frames beforehand, in the background; renders show them. All settings can be used",
                ),
                (
                    LIVE,
                    "Live",
                    "Each frame is painted when it is rendered, by F12 and by animations, and follows from the frame "
                    "before it. What is painted already is taken from the cache",
                ),
            ],
            options=NOT_KEYED,
            update=on_change,
        ),
        "if_missing": EnumProperty(
            name="If Not Painted",
            description="What a render does at a frame that has no paint, or older paint than the settings ask for. "
            "It is told in any case",
            items=[
                (STOP, "Stop the Render", "No picture is written of that frame, nor of those after it"),
                (SOURCE, "Show What Is There", "The old paint where there is some, else the image as it is"),
                (NOW, "Paint It Now", "The frame is painted while it is rendered, as in the mode Live"),
            ],
            options=NOT_KEYED,
            update=on_change,
        ),
        # Where live frames are laid, and how their files end.
        "place": StringProperty(options=HIDDEN),
        "live_ending": StringProperty(options=HIDDEN),
        # Finds the node group again when its frames are painted.
        "ticket": StringProperty(options=HIDDEN),
        # Of the frames that are shown: where they are, at which frames of the timeline, and by which settings.
        "folder": StringProperty(options=HIDDEN, subtype="DIR_PATH"),
        "ending": StringProperty(options=HIDDEN),
        "first": IntProperty(options=HIDDEN),
        "count": IntProperty(options=HIDDEN),
        "painted_by": StringProperty(options=HIDDEN),
        # Of frames of a strip: how far they have been moved along with it since, where they begin after its content,
        # and where it was seen then.
        "is_of_strip": BoolProperty(options=HIDDEN),
        "shift": IntProperty(options=HIDDEN),
        "from_start": IntProperty(options=HIDDEN),
        "begin": IntProperty(options=HIDDEN),
        "end": IntProperty(options=HIDDEN),
    }

    @property
    def is_live(self) -> bool:
        """Whether all frames are painted when they are rendered."""
        return self.mode == LIVE

    @property
    def paints_now(self) -> bool:
        """Whether frames that have no paint are painted when they are rendered."""
        return not self.is_live and self.if_missing == NOW

    @property
    def last(self) -> int:
        """The last frame of the timeline that was painted."""
        return self.first + self.count - 1

    @property
    def is_fresh(self) -> bool:
        """Whether the frames were painted by what is set now."""
        return self.painted_by == words_of(self)

    def file(self, frame: int) -> Path:
        """Where the paint of a frame of the timeline is."""
        folder = bpy.path.abspath(self.folder, library=self.id_data.library)
        return Path(folder) / frame_name(frame - self.shift, self.ending)

    def problem(self, frame: int) -> str:
        """What is wrong with the paint of a frame of the timeline, as the end of a sentence; empty if nothing is."""
        if not self.count:
            return "nothing is painted yet"
        if not self.first <= frame <= self.last:
            return f"{frames_are(self.first, self.last)} painted, and this one is not"
        if not self.file(frame).is_file():
            return f"its painted frame '{self.file(frame)}' is gone"
        return "" if self.is_fresh else "its settings have changed since it was painted"


def words_of(own: StylestripNode) -> str:
    """All settings that decide how frames look, as one word by which a change is noticed."""
    settings = own.settings
    values = values_of(settings, [name for name in JOB_FIELDS if name not in NOT_SEEN])
    values |= picture_of(settings, own) | {"exact_motion": own.exact_motion}
    regions = [words_of_region(region, own) for region in settings.regions if region.enabled]
    if regions:
        values["regions"] = regions
    values |= changes_of(own.id_data)
    if settings.start == "picture":
        values["start_picture"] = stamp(settings.start_picture, own)
    return json.dumps(values, sort_keys=True)


def picture_of(settings: StylestripSettings | StylestripRegion, own: StylestripNode) -> dict[str, object]:
    """The style picture and the look of a node or of a region, by what a change in them is noticed."""
    values: dict[str, object] = {"look": settings.look, "picture": settings.picture}
    if settings.picture == FILE:
        values["style"] = stamp(settings.style, own)
    elif settings.picture == IMAGE:
        values["style"] = stamp_of_image(settings.image) if settings.image else ""
    return values


def words_of_region(region: StylestripRegion, own: StylestripNode) -> dict[str, object]:
    """All settings of a region that decide how frames look."""
    values = values_of(region, ["source", "paint", *REGION_FIELDS])
    if region.paint == "OWN":
        values |= picture_of(region, own)
    if region.source in OF_SCENES:
        values |= values_of(region, ["layer", *RENDERED_FIELDS])
    if region.source == "CRYPTOMATTE":
        values["things"] = [thing.name for thing in region.things]
    elif region.source == "FILE":
        values["path"] = stamp(region.path, own)
    elif region.source == "PEOPLE":
        values |= values_of(region, list(PEOPLE_FIELDS))
    return values


def stamp(path: str, own: StylestripNode) -> list[object]:
    """A file, and by what a change in it is noticed."""
    return stamp_of(Path(absolute(path, own.id_data))) if path else ["", None, None]


def register() -> None:
    bpy.utils.register_class(StylestripNode)
    CompositorNodeTree.stylestrip_node = PointerProperty(type=StylestripNode)


def unregister() -> None:
    del CompositorNodeTree.stylestrip_node
    bpy.utils.unregister_class(StylestripNode)
