"""One painter at one size, in a process of its own: seconds a step and peak memory, as a line of JSON.

Called by `engine.py`: one_row.py PAINTER WIDTH HEIGHT STEPS DEVICE CONTENT STYLE [PRECISION]
"""

import json
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.textbook import Loop
from style_core.engine.descent import Descent
from style_core.engine.lbfgs import Lbfgs
from style_core.engine.painter import Painter
from style_core.job import Look
from style_core.looks import find_look, with_look
from style_core.media.frame import resize
from style_core.media.pictures import read_picture

PASTICHE = "benchmarks/looks/pastiche.toml"
WARM_UP = 5  # steps that are not counted; a CUDA graph is captured in them


def picture(path: str, width: int, height: int) -> np.ndarray:
    """A picture at a size, (H, W, 3) uint8."""
    return resize(read_picture(path).rgb, width, height)


def ours(content: np.ndarray, style: np.ndarray, device: torch.device, precision: str) -> Callable[[], None]:
    """One step of ours, at pastiche's objective."""
    look = with_look(Look(styles=("style",)), find_look(PASTICHE))
    painter = Painter(look, [style], device, precision)
    x = painter.to_tensor(content)
    return Descent(painter.objective(x, None), x, Lbfgs(x)).advance_within_memory


def textbook(content: np.ndarray, style: np.ndarray, device: torch.device, precision: str) -> Callable[[], None]:
    """One step of the plain loop; "half" lets CUDA round to TF32."""
    rounding = "tf32" if precision == "half" else "ieee"
    torch.backends.cuda.matmul.fp32_precision = torch.backends.cudnn.conv.fp32_precision = rounding
    tensors = (torch.tensor(p, device=device).permute(2, 0, 1)[None].float() for p in (content, style))
    return Loop(*tensors).step


def peak_bytes(device: torch.device) -> int:
    """Most memory that was in use: the card's, or the whole process's."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(
    painter: str, width: str, height: str, steps: str, device: str, content: str, style: str, precision: str
) -> None:
    """Prints {"seconds": per step, "bytes": peak}."""
    where = torch.device(device)
    pictures = (picture(path, int(width), int(height)) for path in (content, style))
    step = {"ours": ours, "textbook": textbook}[painter](*pictures, where, precision)
    warm_up = WARM_UP if where.type == "cuda" else 1
    for _ in range(warm_up):
        step()
    wait(where)
    began = time.perf_counter()
    for _ in range(int(steps)):
        step()
    wait(where)
    seconds = (time.perf_counter() - began) / int(steps)
    print(json.dumps({"seconds": seconds, "bytes": peak_bytes(where)}))


def wait(device: torch.device) -> None:
    """Until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    main(*sys.argv[1:])
