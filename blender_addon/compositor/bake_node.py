"""The operator that paints what comes into a Neural Style node."""

import bpy
from bpy.props import BoolProperty, IntProperty, StringProperty
from bpy.types import Context, Node, Operator, Scene

from ...style_core.job import UserError
from .. import driver
from ..host import versions
from ..later import baking, strip_baking
from .in_strip import Place, all_places, node_in, place_of
from .node import active_node, is_ours, name_of, scene_of

# What a script gave for one node must not come back when the button is pressed for the next.
ONCE = {"SKIP_SAVE"}
AGAIN = (
    "Render what comes into this node anew, and paint it: needed when something in the scene has changed since the "
    "last bake. Changes of its compositor and its files are noticed without that"
)


class BakeNode(Operator):
    """Paint all frames of the scene as they come into this node, and show them from now on. What is painted already is kept, and a bake that was stopped goes on"""  # noqa: E501

    bl_idname = "stylestrip.bake_node"
    bl_label = "Bake"
    # No "UNDO": the painted frames come later, and make their own step to undo.
    bl_options = {"REGISTER"}  # noqa: RUF012 - Blender asks for a set

    __annotations__ = {
        "node": StringProperty(name="Node", description="Name of the node; empty: the active one", options=ONCE),
        "strip": StringProperty(
            name="Strip",
            description="Name of the strip whose Compositor modifier has the node; empty: the scene's compositor, or "
            "that of the active node",
            options=ONCE,
        ),
        "frame_start": IntProperty(
            name="First Frame",
            description="First frame to paint; -1: that of the scene. Of a strip all frames are painted",
            soft_min=-1,
            default=-1,
            options=ONCE,
        ),
        "frame_end": IntProperty(
            name="Last Frame",
            description="Last frame to paint; -1: that of the scene. Of a strip all frames are painted",
            soft_min=-1,
            default=-1,
            options=ONCE,
        ),
        "render_again": BoolProperty(
            name="Render Again",
            description=AGAIN,
            options=ONCE,
        ),
        "wait": BoolProperty(name="Wait", description="Return only when the node is painted", options=ONCE),
    }

    @classmethod
    def description(cls, context: Context, properties: bpy.types.OperatorProperties) -> str:
        return AGAIN if properties.render_again else cls.__doc__

    @classmethod
    def poll(cls, context: Context) -> bool:
        if active_node(context) or versions.compositor_of(context.scene) or any(all_places()):
            return True
        cls.poll_message_set("Add a Neural Style node to the scene's compositor or to a strip's modifier first")
        return False

    def execute(self, context: Context) -> set[str]:
        try:
            place, node = self.chosen(context)
            if isinstance(place, Place):
                task = strip_baking.bake_in_strip(place, node, self.render_again)
            else:
                task = baking.bake(place, node, self.numbers(place), self.render_again)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if self.wait or bpy.app.background:
            driver.wait(task)
            if task.state != "done":
                self.report({"ERROR"}, task.message)
                return {"CANCELLED"}
        return {"FINISHED"}

    def numbers(self, scene: Scene) -> range:
        """The frames to paint; raises UserError if there are none."""
        for name, given in (("First Frame", self.frame_start), ("Last Frame", self.frame_end)):
            if given < -1:
                raise UserError(f"{name} is {given}: name a frame from 0 on, or -1 for that of the scene.")
        first = scene.frame_start if self.frame_start < 0 else self.frame_start
        last = scene.frame_end if self.frame_end < 0 else self.frame_end
        if last < first:
            raise UserError(f"Frames {first} to {last} are no range: the last comes before the first.")
        return range(first, last + 1)

    def chosen(self, context: Context) -> tuple[Scene | Place, Node]:
        """The named node or the active one, and the scene or the modifier that it is in.

        Raises UserError if there is none.
        """
        if self.strip:
            return self.chosen_in_strip(context)
        tree = versions.compositor_of(context.scene)
        node = active_node(context)
        if node is None or (self.node and self.node not in (node.name, node.label)):
            ours = [one for one in tree.nodes if is_ours(one)] if tree else []
            node = next((one for one in ours if self.node in (one.name, one.label)), None) if self.node else None
            if not self.node and len(ours) == 1:
                node = ours[0]
            if node is None:
                names = ", ".join(f"'{name_of(one)}'" for one in ours) or "none"
                wanted = f"There is no Neural Style node '{self.node}'" if self.node else "Select a Neural Style node"
                raise UserError(f"{wanted} in the compositor of scene '{context.scene.name}'; there is {names}.")
        where = scene_of(node, context) or place_of(node)
        if where is None:
            raise UserError(
                f"Node '{name_of(node)}' is in no scene's compositor and no strip's modifier itself, but in a node "
                "group there: take it out of its group (Ctrl Alt G), and bake it then."
            )
        return where, node

    def chosen_in_strip(self, context: Context) -> tuple[Place, Node]:
        """The named node in a modifier of the named strip, and that modifier; raises UserError if there is none."""
        scene = versions.sequencer_scene(context)
        here = [one for one in all_places() if (one.scene, one.strip.name) == (scene, self.strip)]
        ours = [one for one in here if any(map(is_ours, one.modifier.node_group.nodes))]
        if not ours:
            raise UserError(
                f"Strip '{self.strip}' of scene '{scene.name}' has no Compositor modifier with a Neural Style node."
            )
        node = node_in(ours[0], self.node)
        return place_of(node), node


register, unregister = bpy.utils.register_classes_factory((BakeNode,))
