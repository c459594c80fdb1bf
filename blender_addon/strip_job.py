"""The Job that the settings of a strip describe."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bpy.types import Scene, Strip

from ..style_core.curve import Curve
from ..style_core.job import Job, Region, Source, UserError
from ..style_core.looks import NamedLook
from .gallery import named_file, style_files
from .host.curves import curve_of, path_of
from .host.footage import Footage
from .host.headers import is_no_picture
from .host.matte_wanted import wanted_at
from .host.strips import absolute
from .job_fields import ANIMATED, JOB_FIELDS, LOOKS, REGION_FIELDS, look_values, make_job
from .properties import values_of
from .regions.capture import mask_of
from .regions.settings import region_of
from .settings import StylestripSettings

# Blender keeps single precision; more digits than these are none that anybody has set.
DIGITS = 6


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


def values_through(scene: Scene, strip: Strip, name: str, footage: Footage) -> tuple[float, ...]:
    """The values of a setting with keys, from the first painted frame of the source to the last; none without keys.

    A frame that is seen several times is painted once, with the value at its first time; one in between that is not
    seen, with that of the one before.

    Args:
        scene: the scene of the strip.
        strip: whose setting it is.
        name: of the setting.
        footage: what of the strip is painted.

    Raises:
        UserError: a driver moves the setting.
    """
    own, path = scene.animation_data, path_of(strip, name)
    if own and any(driver.data_path == path for driver in own.drivers):
        raise UserError(f"A driver moves '{name}' of '{strip.name}': use keys instead, or remove the driver.")
    curve = curve_of(scene, strip, name)
    if curve is None:
        return ()
    times: dict[int, int] = {}
    for place, number in enumerate(footage.frames):
        times.setdefault(number, footage.left + place)
    known = strip.stylestrip.bl_rna.properties[name]
    values = [curve.evaluate(times[min(times)])]
    for number in range(footage.source.first, max(times) + 1):
        values.append(curve.evaluate(times[number]) if number in times else values[-1])
    # A smooth curve swings beyond its keys; Blender shows no more than the bounds, either.
    bounded = (min(max(value, known.hard_min), known.hard_max) for value in values[1:])
    return tuple(float(f"{value:.{DIGITS}g}") for value in bounded)


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
