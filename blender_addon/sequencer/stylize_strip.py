"""The operator that paints a strip."""

import bpy
from bpy.props import BoolProperty, StringProperty
from bpy.types import Context, Operator, Scene, Strip

from ...style_core.job import UserError
from .. import driver, jobs
from ..host import versions
from ..host.counterparts import is_paint, source_of_paint
from ..host.strips import why_not_paintable
from ..host.versions import sequencer_scene
from ..job_fields import JOB_FIELDS, REGION_FIELDS
from ..later import frames, painting
from ..named_looks import named_look
from ..properties import blender_property, look_name_property, values_of
from ..settings import place_property
from .at_hand import has_strips

# What a script gave for one strip must not come back when the button is pressed for the next.
ONCE = {"SKIP_SAVE"}
# Those of regions hold for all of them.
SETTINGS = JOB_FIELDS | REGION_FIELDS


class StylizeStrip(Operator):
    """Paint the selected strips, each in the style of its picture, and lay the painted strip over it. If that is there already, it gets a new version, and only what has changed is painted"""  # noqa: E501

    bl_idname = "stylestrip.stylize_strip"
    bl_label = "Stylize Strip"
    # No "UNDO": the painted strip comes later, and makes its own step to undo.
    bl_options = {"REGISTER"}  # noqa: RUF012 - Blender asks for a set

    __annotations__ = {
        "strip": StringProperty(name="Strip", description="Name of the strip; empty: the active one", options=ONCE),
        "style": StringProperty(
            name="Style", description="Picture to use instead of the strip's", subtype="FILE_PATH", options=ONCE
        ),
        "mask": StringProperty(
            name="Mask", description="Mask to use instead of the strip's regions", subtype="FILE_PATH", options=ONCE
        ),
        "look": look_name_property(options=ONCE),
        "as_new": BoolProperty(
            name="New Strip", description="Add another painted strip even if there is one already", options=ONCE
        ),
        "place": place_property(options=ONCE),
        "wait": BoolProperty(name="Wait", description="Return only when the strip is painted", options=ONCE),
        **{name: blender_property(field, clamped=False, options=ONCE) for name, field in SETTINGS.items()},
    }

    @classmethod
    def poll(cls, context: Context) -> bool:
        return has_strips(cls, context)

    def execute(self, context: Context) -> set[str]:
        scene = sequencer_scene(context)
        paintings, problems = [], []
        try:
            for strip in self.chosen(scene):
                try:
                    paintings.append(self.queue_up(scene, strip))
                except painting.AlreadyQueuedError as told:
                    self.report({"INFO"}, str(told))
                except UserError as error:
                    problems.append(str(error))
        except UserError as error:
            problems.append(str(error))
        if self.wait or bpy.app.background:
            for one in paintings:
                driver.wait(one)
            problems += [one.message for one in paintings if one.state != "done"]
        elif waiting := [one for one in paintings if one.state == "waiting"]:
            self.report({"INFO"}, sentence_of_waiting(waiting))
        for problem in problems:
            self.report({"ERROR"}, problem)
        return {"CANCELLED"} if problems else {"FINISHED"}

    def queue_up(self, scene: Scene, strip: Strip) -> "painting.Painting":
        """Puts one strip into the queue; raises UserError if it cannot be painted."""
        if self.properties.is_property_set("place"):
            strip.stylestrip.place = self.place
        given = values_of(self, [name for name in SETTINGS if self.properties.is_property_set(name)])
        styles = (self.style,) if self.style else ()
        look, of_look = named_look(self.look) if self.look else (None, {})
        given = {"look": look, "styles": styles, "mask": self.mask, "overrides": of_look | given}
        begun = painting.begin(scene, strip, self.as_new, **given)
        if frames.is_loaded:
            frames.put_away_of(strip)
        return begun

    def chosen(self, scene: Scene) -> list[Strip]:
        """The strips to paint: the named one, else the active one and those that are selected with it.

        Raises UserError if there is none such or it cannot be painted.
        """
        strips = scene.sequence_editor.strips_all
        strip = strips.get(self.strip) if self.strip else versions.active_in(scene)
        if self.strip and strip is None:
            names = ", ".join(f"'{s.name}'" for s in strips)
            raise UserError(f"There is no strip '{self.strip}'; there are {names}.")
        if self.strip:
            return [paintable(strip)]
        # The sound of a film is selected along with it.
        found = at_hand(scene)
        if not found:
            raise UserError("Select a strip.")
        return meant(scene) or [paintable(found[0])]


def at_hand(scene: Scene) -> list[Strip]:
    """The active strip and those that are selected with it; in the place of paint what it was painted of."""
    strip = versions.active_in(scene)
    selected = [one for one in scene.sequence_editor.strips_all if one.select]
    with_it = selected if strip is None or strip.select else []
    # What is meant by paint is the strip whose settings it was painted with.
    found = [source_of_paint(scene, one) or one if is_paint(one) else one for one in [strip, *with_it] if one]
    return list(dict.fromkeys(found))


def meant(scene: Scene) -> list[Strip]:
    """Those of them that can be painted, in the order in which they are seen."""
    found = [one for one in at_hand(scene) if not why_not_paintable(one)]
    return sorted(found, key=lambda one: (versions.handles(one)[0], one.channel))


def paintable(strip: Strip) -> Strip:
    """The strip, if it can be painted; else raises UserError."""
    problem = why_not_paintable(strip)
    if problem:
        raise UserError(problem)
    return strip


def sentence_of_waiting(paintings: "list[painting.Painting]") -> str:
    """When strips are painted that wait in the queue."""
    names = ", ".join(f"'{one.strip}'" for one in paintings)
    wait = "wait" if len(paintings) > 1 else "waits"
    return f"{names} {wait} in the queue" + (", which is paused: press Go On." if jobs.paused else ".")


register, unregister = bpy.utils.register_classes_factory((StylizeStrip,))
