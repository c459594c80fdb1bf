"""The regions of a Neural Style node: which passes of a render tell where they are, and what the painter is told."""

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import bpy
from bpy.types import ID, Node, Object, Scene

from ...style_core.job import Job, Region, UserError
from ..host import upstream
from ..host.passes import WRITING, Passes
from ..host.strips import absolute
from ..regions.settings import OF_SCENES, RENDERED, SOURCES, StylestripRegion, region_of
from .settings import StylestripNode


def passes_for(scene: Scene, node: Node) -> Passes:
    """The passes that are needed to paint what reaches a node as it is set now.

    Raises UserError if nothing is connected, or a region cannot be known from what is.
    """
    own = node.node_tree.stylestrip_node
    has_vectors = own.exact_motion and not upstream.why_no_vectors(scene, node)
    mattes = {
        (layer_of(region, scene, node), RENDERED[region.source], region.known_by)
        for region in enabled(own)
        if region.source in RENDERED
    }
    return Passes(upstream.layers_of(scene, node)[0] if has_vectors else "", tuple(sorted(mattes)))


def enabled(own: StylestripNode) -> list[StylestripRegion]:
    """The regions of a node that count."""
    return [region for region in own.settings.regions if region.enabled]


def why_not_known(scene: Scene, node: Node, source: str) -> str:
    """Why a render does not tell where a region of this source is, for a person; empty if it does.

    Raises UserError if nothing is connected.
    """
    what = SOURCES[source][0]
    if not upstream.layers_of(scene, node):
        return f"{what} needs Render Layers of this scene: connect them to Image"
    if moving := upstream.what_moves(node):
        return f"{what} cannot be used, as '{moving}' may move what is in the picture: put it behind this node"
    engine = scene.render.engine
    if engine in WRITING[RENDERED[source]]:
        return ""
    if engine in WRITING["cryptomatte"]:
        return f"EEVEE writes no {what}: take Cryptomatte, or render with Cycles"
    return f"This render engine writes no {what}: render with Cycles or EEVEE"


def layer_of(region: StylestripRegion, scene: Scene, node: Node) -> str:
    """The view layer that shows what is in a region; raises UserError if it is not known, or nothing can be."""
    if problem := why_not_known(scene, node, region.source):
        raise UserError(f"Region '{region.name}': {problem}.")
    layers = upstream.layers_of(scene, node)
    if region.layer in layers:
        return region.layer
    names = ", ".join(f"'{name}'" for name in layers)
    if region.layer:
        raise UserError(f"Region '{region.name}' is of view layer '{region.layer}', but {names} comes in: choose that.")
    if len(layers) > 1:
        raise UserError(f"Region '{region.name}': the view layers {names} come in; choose the one that shows it.")
    return layers[0]


def things_in(region: StylestripRegion) -> tuple[str, ...]:
    """The names of all that is in a region of a Cryptomatte; raises UserError if it is nothing, or not in this file."""
    known = bpy.data.materials if region.known_by == "material" else bpy.data.objects
    found: set[str] = set()
    for thing in region.things:
        named = [known[thing.name]] if thing.name in known else []
        named = named or [one for one in known if fnmatchcase(one.name, thing.name)]
        if not named:
            raise UserError(
                f"Region '{region.name}': there is no {region.known_by} '{thing.name}' in this file. Choose another "
                "one, or remove it from the region."
            )
        found |= {name_in_pass(one, region.known_by) for one in named}
    if not found:
        raise UserError(f"Region '{region.name}' has nothing in it: add what belongs to it, or switch it off.")
    return tuple(sorted(found))


def name_in_pass(one: ID, known_by: str) -> str:
    """By which name a thing is known: as an asset, it is all that hangs together by parents."""
    while known_by == "asset" and isinstance(one, Object) and one.parent:
        one = one.parent
    return one.name


def with_node_regions(job: Job, scene: Scene, node: Node, mattes: Path) -> Job:
    """The job in the enabled regions of a node.

    Args:
        job: of the whole picture.
        scene, node: of the regions.
        mattes: the folder that has, or will have, the passes of the frames.

    Raises:
        UserError: a region lacks something.
    """
    regions = enabled(node.node_tree.stylestrip_node)
    made = tuple(node_region(region, job, scene, node, mattes) for region in regions)
    # What is not painted is the image as it came in, however small paint is.
    return replace(job, regions=made, output=replace(job.output, full_size=bool(made)))


def node_region(own: StylestripRegion, job: Job, scene: Scene, node: Node, mattes: Path) -> Region:
    """A region as the painter is told of it."""
    if own.source == "FILE" and not own.path:
        raise UserError(f"Region '{own.name}' has no file: choose a picture, a film or a folder of pictures.")
    mask = str(mattes) if own.source in OF_SCENES else absolute(own.path, scene) if own.source == "FILE" else ""
    region = region_of(own, job.look, scene, mask, {}, Path(job.output.cache))
    if own.source in OF_SCENES:
        region = replace(region, layer=layer_of(own, scene, node))
    return replace(region, things=things_in(own)) if own.source == "CRYPTOMATTE" else region
