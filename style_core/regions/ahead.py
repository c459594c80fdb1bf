"""Looking at the next frame while what was seen in this one is decided on."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(items: Iterable[Item], look: Callable[[Item], Result]) -> Iterator[tuple[Item, Result]]:
    """Items with what `look` makes of each, which is done one item ahead, in a thread."""
    with ThreadPoolExecutor(1, thread_name_prefix="look ahead") as pool:
        last = None
        for item in items:
            coming = item, pool.submit(look, item)
            if last:
                yield last[0], last[1].result()
            last = coming
        if last:
            yield last[0], last[1].result()


@contextmanager
def sharing_cores() -> Iterator[None]:
    """Gives torch half of its threads, here and in threads that are begun meanwhile.

    With small pictures, two cores do more at two things than both at one.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, before // 2))
    try:
        yield
    finally:
        torch.set_num_threads(before)
