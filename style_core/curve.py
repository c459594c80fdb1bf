"""Settings that change through a film. Like all of `job`, it needs nothing but the standard library."""

from dataclasses import dataclass, fields

from .look import Look
from .setting import Checked, UserError, check_value, setting

# What may change from frame to frame: of the look, and of how it is laid over the source.
OF_LOOK, OF_MIX = ("style_weight", "content_weight"), ("mix",)


@dataclass(frozen=True)
class Curve(Checked):
    """The values of one setting, frame by frame."""

    setting: str = setting("mix", "Animated setting", "What changes through the film", choices=(*OF_MIX, *OF_LOOK))
    values: tuple[float, ...] = ()
    """At the source's first painted frame, the one after it and so on; the last one holds from there on."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.values:
            raise UserError(f"The curve of '{self.setting}' has no values: give one for each frame, or leave it out.")
        for spec in fields(Look):
            if spec.name == self.setting:
                check_value(spec, self.values)

    def at(self, place: int) -> float:
        """The value so many frames after the first painted one."""
        return self.values[max(0, min(place, len(self.values) - 1))]

    def later(self, place: int) -> "Curve":
        """The same for a film that begins so many frames later."""
        return Curve(self.setting, self.values[min(place, len(self.values) - 1) :])

    @property
    def parts(self) -> list[object]:
        """What of it matters: a film that goes on as it ended is the same film, longer."""
        values = list(self.values)
        while len(values) > 1 and values[-1] == values[-2]:
            values.pop()
        return [self.setting, values]
