"""Whose turn it is to run, where others are made ready meanwhile."""

from collections.abc import Hashable, Iterable
from threading import Condition


class Turns:
    """Lets so many run at the same time, in the order in which they were asked for.

    Parameters
    ----------
    count : int
        How many.
    order : iterable
        All that will ask, or end without having asked.

    Examples
    --------
    >>> turns = Turns(1, ["first", "second"])
    >>> turns.take("first")
    >>> turns.end("first")
    >>> turns.take("second")
    """

    def __init__(self, count: int = 1, order: Iterable[Hashable] = ()) -> None:
        self.count, self.waiting = count, list(order)
        self.running: set[Hashable] = set()
        self.changed = Condition()

    def take(self, who: Hashable) -> None:
        """Wait until all before have had their turn and one is free; who ran before is the next."""
        with self.changed:
            if who not in self.waiting:
                self.waiting.insert(0, who)
            self.changed.wait_for(lambda: self.waiting[0] == who and len(self.running) < self.count)
            self.waiting.remove(who)
            self.running.add(who)
            self.changed.notify_all()

    def end(self, who: Hashable) -> None:
        """Let another run; who has ended before its turn keeps nobody waiting."""
        with self.changed:
            self.running.discard(who)
            if who in self.waiting:
                self.waiting.remove(who)
            self.changed.notify_all()
