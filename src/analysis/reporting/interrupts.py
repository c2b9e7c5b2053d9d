"""Blocks that no interrupt tears apart."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed(*, later: bool = False) -> Iterator[None]:
    """Let no interrupt into a block that puts things away; with ``later`` it comes at its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    keep = signal.SIG_IGN if not later else lambda number, frame: came.append(number)
    before = signal.signal(signal.SIGINT, keep)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt
