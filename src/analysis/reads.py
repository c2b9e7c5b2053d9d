"""What a process has read, so that a report knows what it rests on.

Whoever opens a table notes it here: by name, and by state where only its rows were asked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Read(NamedTuple):
    """One thing that was read.

    ``kind`` is ``table`` (as built), ``raw`` (a file as found), ``about`` (a descriptor) or
    ``official``; ``part`` is the code of a state, or empty for all of it.
    """

    kind: str
    name: str
    part: str = ""


# The first is of the whole process, the others of the `noting` blocks that are open.
_noted: list[set[Read]] = [set()]


def note_read(kind: str, name: str, part: str = "") -> None:
    """Note that something was read."""
    for noted in _noted:
        noted.add(Read(kind, name, part))


@contextmanager
def noting() -> Iterator[set[Read]]:
    """Collect what is read inside a ``with`` block, whether or not it was read before.

    Examples
    --------
    >>> with noting() as noted:
    ...     note_read("raw", "states")
    >>> noted
    {Read(kind='raw', name='states', part='')}
    """
    noted: set[Read] = set()
    _noted.append(noted)
    try:
        yield noted
    finally:
        # By identity: two blocks may have noted the same.
        _noted[:] = [other for other in _noted if other is not noted]


def list_reads() -> list[Read]:
    """Give what was read in this process so far; all of a thing covers its parts.

    Examples
    --------
    >>> note_read("table", "an example", "11")
    >>> note_read("table", "an example")
    >>> [read for read in list_reads() if read.name == "an example"]
    [Read(kind='table', name='an example', part='')]
    """
    every = _noted[0]
    return sorted(
        read for read in every if not read.part or Read(read.kind, read.name) not in every
    )
