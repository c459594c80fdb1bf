"""Cuts a thing out of a real film in the real window."""

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from cutting import Cutting, part, running
from visit import Place, begin


class CuttingFilm(Cutting):
    """What somebody does with a real film: a rectangle, a stroke on the thing and one beside it, Enter."""

    def steps(self) -> Iterator[float]:
        yield from self.open_strip()
        yield from self.start(self.area("SEQUENCE_EDITOR", "SEQUENCER"))
        low, high, on, beside = (self.place_of(spot) for spot in self.plan["spots"])
        yield from self.drag([low, ((low[0] + high[0]) / 2, high[1]), high])
        yield from self.answered()
        yield from self.stroke(on)
        yield from self.stroke(beside, ctrl=True)
        yield from self.answered()
        self.picture("cut")
        yield from self.key("RET", on)
        yield from self.ended()
        self.told["accepted"] = self.regions()

    def place_of(self, spot: Place) -> Place:
        """Where on the screen a place of the picture is."""
        own = running()
        x, y = part("regions.cut_targets").moved(own.matrix(), [spot])[0].tolist()
        return x + own.target.region.x, y + own.target.region.y


begin(CuttingFilm)
