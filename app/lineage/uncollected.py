"""Work with many plain JSON values without the garbage collector walking them again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the collector of cycles rest; whoever put it to rest wakes it, so threads may do this at once.

    Decoded JSON has no cycles, yet a batch of it makes the collector look at all of it many times: a third of the time
    of reading and folding a thousand events.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
