"""What a strip's painting is set to, as Blender properties beside the strip, and the Job that they describe."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
from bpy.props import CollectionProperty, EnumProperty, IntProperty, PointerProperty, StringProperty
from bpy.types import PropertyGroup, Scene, Strip

from ..style_core.curve import Curve
from ..style_core.job import Job, Region, Source, UserError
from ..style_core.looks import NamedLook
from .gallery import named_file, picture_properties, style_files
from .host import versions
from .host.curves import values_through
from .host.footage import Footage
from .host.headers import is_no_picture
from .host.matte_wanted import wanted_at
from .host.own_modifier import WITHIN, WITHIN_NUMBER
from .host.strips import absolute
from .job_fields import ANIMATED, JOB_FIELDS, LOOKS, REGION_FIELDS, look_values, make_job
from .properties import NOT_KEYED, RELATIVE, blender_property, look_property, quality_property, values_of
from .regions.capture import mask_of
from .regions.settings import StylestripKeyframe, StylestripRegion, StylestripThing, region_of

# Where the paint of a strip goes.
PLACES = [
    ("ABOVE", "Above the Strip", "In a strip on the next free channel; the strip itself is muted", 0),
    (
        "INSTEAD",
        "In the Strip's Place",
        "In a strip on the strip's own channel, and transitions and effects of the strip act on the paint; the strip "
        "itself is kept above, and muted",
        1,
    ),
]
OF_COMPOSITORS = (
    WITHIN,
    "As a Modifier of the Strip",
    "In a Compositor modifier of the strip itself, which keeps its place, crop, blending and effects; muting the "
    "modifier shows the film again, and its Strength is how much of the paint is seen",
    WITHIN_NUMBER,
)


def place_property(**further: Any) -> Any:
    """The Blender property that says where paint goes."""
    items = PLACES + [OF_COMPOSITORS] * versions.STRIPS_HAVE_COMPOSITORS
    given = {"name": "Put It", "description": "Where the painted strip goes", "items": items, "options": NOT_KEYED}
    return EnumProperty(**given | further)


def take_look(settings: "StylestripSettings", context: bpy.types.Context) -> None:
    """Sets what the chosen look says; it is one of those that come along."""
    settings.preset = ""
    for name, value in look_values(LOOKS[settings.look]).items():
        setattr(settings, name, value)


class StylestripSettings(PropertyGroup):
    """The settings of one strip."""

    __annotations__ = {
        **picture_properties("The painting whose look the strip shall take", usual="oil-swirl"),
        "start_picture": StringProperty(
            name="Picture",
            description="The picture to begin from, where painting begins from a picture",
            subtype="FILE_PATH",
            options=RELATIVE,
        ),
        "look": look_property(update=take_look),
        "quality": quality_property(),
        "place": place_property(),
        # The name of one's own look, where that is chosen.
        "preset": StringProperty(options={"HIDDEN"}),
        "regions": CollectionProperty(type=StylestripRegion),
        "region_index": IntProperty(options={"HIDDEN"}),
        # Finds the strip again when its painting is done, whatever its name is by then.
        "ticket": StringProperty(options={"HIDDEN"}),
        **{name: blender_property(field) for name, field in JOB_FIELDS.items()},
    }


def job_of(
    scene: Scene,
    strip: Strip,
    footage: Footage,
    cache: Path,
    *,
    look: NamedLook | None = None,
    styles: tuple[str, ...] = (),
    mask: str = "",
    overrides: Mapping[str, Any] | None = None,
) -> Job:
    """The Job that a strip's settings describe.

    Args:
        scene: the scene of the strip.
        strip: whose settings are taken.
        footage: what to paint.
        cache: folder for the painted frames.
        look: a look to take instead of the strip's own, with all that it says; its pictures, if it names any, too.
        styles: pictures to take instead of the strip's own and the look's, by their paths or names.
        mask: where to paint, instead of the strip's own regions.
        overrides: other values for settings by name, those of regions among them.

    Raises:
        UserError: a value does not fit, or an input does not exist.
    """
    given = dict(overrides or {})
    of_regions = {name: given.pop(name) for name in REGION_FIELDS if name in given}
    through = {name: values_through(scene, strip, name, footage) for name in ANIMATED if name not in given}
    keyed = {name: values for name, values in through.items() if values}
    # Where there are keys, what is set at the playhead is of no concern.
    given |= {name: values[0] for name, values in keyed.items()}
    job = whole_job(strip.stylestrip, scene, footage.source, cache, look=look, styles=styles, overrides=given)
    job = replace(job, curves=tuple(Curve(JOB_FIELDS[name].spec.name, values) for name, values in keyed.items()))
    if mask:
        job = replace(job, regions=(Region(mask=absolute(mask, scene), **of_regions),))
    else:
        job = with_regions(job, scene, strip, of_regions, cache)
    # What is not painted is the source as it is, however small paint is.
    job = replace(job, output=replace(job.output, full_size=bool(job.regions)))
    if not footage.way.is_render:
        job.source.require_inputs()
    job.require_settings(coming=[region.mask for region in job.regions if wanted_at(region.mask)])
    return job


def whole_job(
    own: StylestripSettings,
    scene: Scene,
    source: Source,
    cache: Path,
    *,
    look: NamedLook | None = None,
    styles: tuple[str, ...] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Job:
    """The Job that settings describe by themselves: the whole frame, and nothing that changes through the film.

    Raises UserError if a value does not fit, or a picture does not exist.
    """
    of_look = look.settings if look else {}
    styles = tuple(named_file(style, scene) for style in styles) or of_look.get("styles", ())
    styles = styles or style_files(own, scene, cache)
    require_pictures(styles)
    values = values_of(own, list(JOB_FIELDS)) | (look_values(look) if look else {}) | dict(overrides or {})
    paths = {name for name, field in JOB_FIELDS.items() if field.spec.metadata["path"]}
    values |= {name: absolute(values[name], scene) for name in paths if values[name]}
    return make_job(
        source,
        look=look or LOOKS[own.look],
        styles=styles,
        start_picture=of_look.get("start_picture") or (absolute(own.start_picture, scene) if own.start_picture else ""),
        cache=str(cache),
        values=values,
    )


def require_pictures(styles: tuple[str, ...]) -> None:
    """Raises UserError if a style picture is surely none, which the painter would find only when it has started."""
    for style in styles:
        if Path(style).is_file() and is_no_picture(Path(style)):
            raise UserError(
                f"'{style}' cannot be read as a picture (it is text, or empty): choose a PNG, JPEG, TIFF, EXR or WebP "
                "file."
            )


def with_regions(job: Job, scene: Scene, strip: Strip, overrides: Mapping[str, Any], cache: Path) -> Job:
    """The job in the enabled regions of a strip; raises UserError if one of them lacks something."""
    own = [region for region in strip.stylestrip.regions if region.enabled]
    of = [region_of(region, job.look, scene, mask_of(region, scene), overrides, cache) for region in own]
    job = replace(job, regions=tuple(of))
    for layer in job.layers:
        layer.require_look()
    return job


def register() -> None:
    bpy.utils.register_class(StylestripKeyframe)
    bpy.utils.register_class(StylestripThing)
    bpy.utils.register_class(StylestripRegion)
    bpy.utils.register_class(StylestripSettings)
    bpy.types.Strip.stylestrip = PointerProperty(type=StylestripSettings)


def unregister() -> None:
    del bpy.types.Strip.stylestrip
    bpy.utils.unregister_class(StylestripSettings)
    bpy.utils.unregister_class(StylestripRegion)
    bpy.utils.unregister_class(StylestripThing)
    bpy.utils.unregister_class(StylestripKeyframe)
