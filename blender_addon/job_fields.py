"""The settings of a Job that a person sees, by the names that the panel, the operator and the command line share."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, get_type_hints

from ..style_core.curve import OF_LOOK, OF_MIX
from ..style_core.job import Job, Region, Source
from ..style_core.looks import EFFORT, NamedLook, presets


class JobField(NamedTuple):
    """One setting of a Job; its default, bounds and words are those of the dataclass field `spec`."""

    name: str
    part: str
    """The attribute of Job that holds the setting; empty: Job itself."""
    spec: dataclasses.Field
    kind: type

    @property
    def label(self) -> str:
        return self.spec.metadata["label"]

    @property
    def description(self) -> str:
        """What the setting does, with its unit."""
        unit = self.spec.metadata["unit"]
        return self.spec.metadata["help"] + (f" (in {unit})" if unit else "")


kinds_in = cache(get_type_hints)  # to look them up takes long, and each has many settings


def job_field(name: str, place: str) -> JobField:
    """The setting at `place`, such as "look.steps", under the name `name`."""
    part, _, attribute = place.rpartition(".")
    return field_of(kinds_in(Job)[part] if part else Job, attribute, name, part)


def field_of(owner: type, attribute: str, name: str, part: str) -> JobField:
    """The setting that a part of a Job has as an attribute."""
    spec = next(spec for spec in dataclasses.fields(owner) if spec.name == attribute)
    return JobField(name, part, spec, kinds_in(owner)[attribute])


JOB_FIELDS = {
    name: job_field(name, place)
    for name, place in {
        "size": "output.size",
        "depth": "output.depth",
        "brush_size": "look.brush_size",
        "steps": "look.steps",
        "steps_per_frame": "motion.steps",
        "good_enough": "motion.tolerance",
        "carry": "motion.carry",
        "steadiness": "motion.temporal",
        "passes": "motion.passes",
        "cuts": "motion.cuts",
        "denoise": "motion.denoise",
        "flow": "motion.flow",
        "flow_path": "motion.flow_path",
        "flow_weights": "motion.flow_weights",
        "flow_size": "motion.flow_size",
        "style_weight": "look.style_weight",
        "content_weight": "look.content_weight",
        "smoothness": "look.smoothness",
        "keep_colours": "look.keep_colours",
        "keep_colours_by": "look.keep_colours_by",
        "style_loss": "look.style_loss",
        "pooling": "look.pooling",
        "rotation": "look.rotation",
        "first_size": "look.first_size",
        "coarse_weight": "look.coarse_weight",
        "tolerance": "look.tolerance",
        "optimiser": "look.optimiser",
        "learning_rate": "look.learning_rate",
        "start": "look.start",
        "noise_mean": "look.noise_mean",
        "seed": "look.seed",
        "rest": "rest",
        "mix": "mix",
        "device": "device",
        "precision": "precision",
    }.items()
}


def region_field(name: str) -> JobField:
    """A setting of a region."""
    return field_of(Region, name, name, "regions")


REGION_FIELDS = {name: region_field(name) for name in ("feather", "invert", "strength", "refine", "guide")}
# Those of regions that a render knows.
RENDERED_FIELDS = {name: region_field(name) for name in ("known_by", "pass_index")}
# Those of regions where people are.
PEOPLE_FIELDS = {name: region_field(name) for name in ("network", "network_weights")}


LOOKS = presets()

# What may change through a film.
ANIMATED = tuple(name for name, field in JOB_FIELDS.items() if field.spec.name in (*OF_MIX, *OF_LOOK))

# Settings that mean nothing but where another one has a certain value.
ASKED_FOR = {
    "keep_colours_by": lambda settings: settings.keep_colours > 0,
    "seed": lambda settings: settings.start == "random",
    "flow_path": lambda settings: settings.flow == "files",
    "flow_weights": lambda settings: settings.flow.startswith("raft"),
    "start_picture": lambda settings: settings.start == "picture",
    "noise_mean": lambda settings: settings.start == "random",
    "learning_rate": lambda settings: settings.optimiser == "adam",
}

# What a quality sets here, by the names of its own values.
OF_QUALITY = {"size": "size", "steps_per_frame": "steps", "steps": "first_steps"}


def is_asked_for(name: str, settings: Any) -> bool:
    """Whether a setting means something, as the others are."""
    return name not in ASKED_FOR or ASKED_FOR[name](settings)


def look_values(look: NamedLook) -> dict[str, Any]:
    """What a named look says about the settings here, by their names here; those that it leaves out are at default,
    but for how long may be painted, which stays as it was."""
    fields = {
        name: field
        for name, field in JOB_FIELDS.items()
        if field.part == "look" and (name not in EFFORT or field.spec.name in look.settings)
    }
    return {name: look.settings.get(field.spec.name, field.spec.default) for name, field in fields.items()}


def make_job(
    source: Source,
    *,
    look: NamedLook,
    styles: tuple[str, ...],
    start_picture: str,
    cache: str,
    values: Mapping[str, Any],
) -> Job:
    """The Job for these inputs, in a look.

    `values` holds settings by their names here, and goes before what the look says. Raises UserError if a value does
    not fit.
    """
    parts: dict[str, dict[str, Any]] = {"output": {"cache": cache}}
    parts["look"] = look.settings | {"styles": styles, "start_picture": start_picture}
    for name, value in values.items():
        field = JOB_FIELDS[name]
        parts.setdefault(field.part, {})[field.spec.name] = value
    kinds = kinds_in(Job)
    own = parts.pop("", {})
    return Job(source=source, **own, **{part: kinds[part](**given) for part, given in parts.items()})
