"""How a film is kept from flickering, as settings. Only the standard library is imported, as by job.py."""

from dataclasses import dataclass
from pathlib import Path

from .identity import identity
from .setting import Checked, UserError, setting

CARRIES = ("none", "previous", "warped")
FLOWS = ("dis-fast", "dis-medium", "dis-fine", "farneback", "raft-small", "raft-large", "files")
# How a frame of a film may begin, in one word: what Look and Motion tell apart.
BEGINNINGS = ("random", "content", "previous", "warped")


def beginning_of(word: str) -> dict[str, dict[str, str]]:
    """What one of BEGINNINGS says of the settings of Look and of Motion."""
    if word in CARRIES:
        return {"motion": {"carry": word}}
    return {"look": {"start": word}, "motion": {"carry": "none"}}


@dataclass(frozen=True)
class Motion(Checked):
    """How a frame begins, given those before it, and what holds its paint still."""

    carry: str = setting(
        "warped",
        "Carry paint",
        "What a frame takes over from the painted frame before it: nothing, all of it as it is, or all of it moved "
        "along with the motion in the film (steadiest)",
        choices=CARRIES,
    )
    steps: int = setting(
        24,
        "Steps per frame",
        "Rounds of painting for each frame after the first, at most; a frame that is larger than the first size takes "
        "fewer",
        low=1,
        high=10000,
    )
    tolerance: float = setting(
        0.08,
        "Finish early",
        "A frame that takes over paint is finished before its last step when it is as well painted as the first frame "
        "but for this share; 0.08: but for 8 %; 0: never",
        low=0.0,
        high=1.0,
    )
    temporal: float = setting(
        1.0,
        "Steadiness",
        "How strongly paint is held where the film has not changed (temporal loss); more is steadier, less is livelier",
        low=0.0,
        high=1e4,
    )
    long_term: tuple[int, ...] = setting(
        (1, 2, 4, 8),
        "Look back",
        "How many frames back paint is looked for; what was hidden for a while gets its old paint again",
        low=1,
        high=100,
        unit="frames",
    )
    passes: int = setting(
        1,
        "Passes",
        "How often the clip is gone through, forwards and backwards in turn; more takes longer and agrees better",
        low=1,
        high=20,
    )
    cuts: str = setting(
        "auto",
        "Cuts",
        "Where another shot begins, which takes over no paint: auto finds hard cuts, none is one shot, or the numbers "
        "of the first frames of shots such as 97,240",
    )
    denoise: float = setting(
        0.0,
        "Remove grain",
        "How much camera noise is averaged away along the motion before painting, so that it is not painted as strokes",
        low=0.0,
        high=1.0,
    )
    flow: str = setting(
        "dis-fine",
        "Motion detail",
        "How motion is found: DIS (in three precisions), Farneback, RAFT (finest; needs its weights), or files",
        choices=FLOWS,
    )
    flow_size: int = setting(
        1024,
        "Motion size",
        "Longer side of the frames in which motion is looked for, at most; 0 is the painted size",
        low=0,
        high=16384,
        unit="pixels",
    )
    flow_path: str = setting(
        "",
        "Motion folder",
        "Folder with the motion of every frame, where it comes from files: .flo, or EXR with the Vector pass",
        path="folder",
    )
    flow_weights: str = setting(
        "",
        "Network weights",
        "File with the weights of RAFT, where it finds the motion; empty: those that were fetched",
        path="file",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self.named_cuts()

    def named_cuts(self) -> frozenset[int] | None:
        """The first frames of shots, as the source counts; None where they are to be found."""
        if self.cuts in ("auto", "none"):
            return None if self.cuts == "auto" else frozenset()
        numbers = [number.strip() for number in self.cuts.split(",")]
        if not all(number.isdecimal() and int(number) for number in numbers):
            raise UserError(f"Cuts is '{self.cuts}': write auto, none, or frame numbers from 1 such as 97,240.")
        return frozenset(map(int, numbers))

    def flow_parts(self, growing: bool = False) -> dict[str, object]:
        """What decides the flow, with what is in its files instead of where they are; not if these are still made."""
        folder, weights = Path(self.flow_path), self.flow.startswith("raft") and self.flow_weights
        # Both directions have folders of their own, or lie in one.
        folders = [folder / way for way in ("forward", "backward") if (folder / way).is_dir()] or [folder]
        known = (lambda: [folder.name]) if growing else (lambda: [identity(one) for one in folders])
        return {
            "flow": self.flow,
            "flow_size": self.flow_size,
            "flow_path": known() if self.flow == "files" and self.flow_path else "",
            "flow_weights": identity(Path(weights)) if weights else "",
        }
